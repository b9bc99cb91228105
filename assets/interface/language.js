export default function ({ data }) {
  document.documentElement.lang = data.lang;
  if (data.keep) document.cookie = `${data.cookie}=${data.lang}; path=/; max-age=31536000; SameSite=Lax`;
}
