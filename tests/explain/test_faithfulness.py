from core.evaluate.mentions import PUBLIC, read_mentions
from core.explain.faithfulness import faithfulness


def test_the_words_said_to_matter_matter_more_than_words_at_random(coder):
    queries = [one for one in read_mentions(PUBLIC, coder.catalog) if len(one.text.split()) >= 3][:120]
    measured = faithfulness(coder, [one.text for one in queries], [one.lang for one in queries])
    assert measured.queries > 100
    assert measured.largest > 1.4 * measured.random
    assert measured.largest > measured.random + 5 * measured.deviation
    assert measured.smallest < 0.5 * measured.random
