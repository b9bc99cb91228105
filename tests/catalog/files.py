"""Small invented tables in the formats that the real ones are published in: real shapes of codes, invented titles."""

import io

import openpyxl

DATASUS = (
    "SUBCAT;CLASSIF;RESTRSEXO;CAUSAOBITO;DESCRICAO;DESCRABREV;REFER;EXCLUIDOS;\r\n"
    'A000;;;;Diarreia inventada de verão [sic] "A";A00.0 Diarr;;;\r\n'
    "A170;+;;;Dor de cabeça de exemplo;A17.0 Dor;;;\r\n"
    "W010;;;;Tropeço inventado - em casa;W01.0;;;\r\n"
    "E999;;;;Açúcar de exemplo;E99.9;;;\r\n"
)
DATASUS_CATEGORIES = (
    "CAT;CLASSIF;DESCRICAO;DESCRABREV;REFER;EXCLUIDOS;\r\n"
    "A00;;Diarreias inventadas;A00;;;\r\nA17;;Dores inventadas;A17;;;\r\n"
    "E99;;Açúcares inventados;E99;;;\r\nW01;;Tropeços inventados;W01;;;\r\n"
)
ATIH = (
    "A00   |3|NNNN|3|DIARRHEES|Diarrhées inventées\r\n"
    "A000  |0|NOOO|0|DIARRHEE D'ETE|Diarrhée d’été inventée (B99.9)\r\n"
    "A0001 |0|NOOO|0|DIARRHEE D'ETE, FORTE|Diarrhée d’été inventée, forte\r\n"
    "B24+0 |0|NOOO|0|EXEMPLE|Exemple inventé avec extension\r\n"
    "G8388 |3|NNNN|3|*** SU17 *** VIEUX|*** SU17 *** Vieux titre inventé\r\n"
)
METADATA = (
    "3;N;X;01;A00;A00.-;A00;A00;Erfundene Durchfälle;Erfundene Durchfälle;;;V;V;1;1;9;9;9999;9999;9;N;N;N;N\n"
    "4;T;X;01;A00;A00.0;A00.0;A000;Erfundener Sommerdurchfall;Erfundene Durchfälle;x;;V;V;1;1;9;9;9999;9999;9;J;J;N;N\n"
    "4;T;X;22;U99;U99.0!;U99.0;U990;Nicht belegte Schlüsselnummer U99.0!;x;;;O;O;1;1;9;9;9999;9999;9;J;J;N;N\n"
)
CLAML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ClaML SYSTEM "ClaML.dtd">
<ClaML version="2.0.0">
  <Title name="ICD-10-GM" date="2024-09-13" version="2025">Erfundene Ausgabe</Title>
  <Modifier code="S99_5"><SubClass code="0"/><SubClass code="1"/></Modifier>
  <ModifierClass modifier="S99_5" code="0"><SuperClass code="S99_5"/>
    <Rubric kind="preferred"><Label xml:lang="de">Ohne Beispiel</Label></Rubric></ModifierClass>
  <ModifierClass modifier="S99_5" code="1"><SuperClass code="S99_5"/>
    <Rubric kind="preferred"><Label xml:lang="de">Mit Beispiel</Label></Rubric></ModifierClass>
  <Class code="I" kind="chapter"><Rubric kind="preferred"><Label xml:lang="de">Erfundenes</Label></Rubric></Class>
  <Class code="A00-A09" kind="block"><Rubric kind="preferred"><Label xml:lang="de">Block</Label></Rubric></Class>
  <Class code="A00" kind="category"><SubClass code="A00.0"/>
    <Rubric kind="preferred"><Label xml:lang="de">Erfundene Durchfälle</Label></Rubric></Class>
  <Class code="A00.0" kind="category"><SuperClass code="A00"/><ModifiedBy code="S99_5"/>
    <Rubric kind="preferred"><Label xml:lang="de">Sommerdurchfall<Reference>B99.-</Reference></Label></Rubric>
    <Rubric kind="inclusion"><Label xml:lang="de">Augustdurchfall</Label></Rubric></Class>
</ClaML>
"""
ORDER = "\n".join(
    f"{number:05d} {code:<7} {billable} {short:<60} {long}"
    for number, (code, billable, short, long) in enumerate(
        [
            ("A00", 0, "Invented", "Invented diarrhea"),
            ("A000", 1, "Invented summer", "Invented diarrhea of summer"),
            ("S2502XA", 1, "Invented", "Invented injury, initial encounter"),
            ("S25", 0, "Invented", "Invented injuries"),
            ("S2502", 0, "Invented", "Invented injury"),
            ("Z3A", 0, "Weeks", "Invented weeks"),
        ],
        1,
    )
)
TABULAR = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular><version>2031</version>
 <chapter><name>1</name><desc>Invented (A00-B99)</desc>
  <section id="A00-A09"><desc>Invented block (A00-A09)</desc>
   <diag><name>A00</name><desc>Invented diarrhea</desc><excludes1><note>other  inventions (B99)</note></excludes1>
    <sevenChrNote><note>add one</note></sevenChrNote>
    <sevenChrDef><extension char="A">first</extension><extension char="D">later</extension></sevenChrDef>
    <diag><name>A00.0</name><desc>Of summer</desc><inclusionTerm><note>Of August</note></inclusionTerm></diag>
    <diag><name>A00.1</name><desc>Of winter with death</desc></diag>
   </diag>
  </section>
 </chapter>
</ICD10CM.tabular>
"""
SPANISH = [
    ("Código", "Descripción"),
    ("A00", "Diarrea inventada"),
    ("A00.0", "Diarrea inventada de verano"),
    ("S52.501A", "Fractura inventada"),
]


def workbook(rows: list[tuple[object, ...]]) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    book.save(stream)
    return stream.getvalue()
