#include "web/markdown_check.h"

static const char *const allowed_tags[] = {
	"<blockquote dir=\"auto\">",
	"</blockquote>",
	"<ul dir=\"auto\">",
	"</ul>",
	"<ol dir=\"auto\">",
	"</ol>",
	"<li>",
	"</li>",
	"<p>",
	"</p>",
	"<h3>",
	"</h3>",
	"<h4>",
	"</h4>",
	"<h5>",
	"</h5>",
	"<h6>",
	"</h6>",
	"<em>",
	"</em>",
	"<strong>",
	"</strong>",
	"<code>",
	"</code>",
	"<pre>",
	"</pre>",
	"<br>",
	"<hr>",
	"</a>",
	"<span class=\"host\">",
	"</span>",
	"<bdi>",
	"</bdi>",
};

static bool is_digits(struct str s)
{
	int64_t number;
	return str_to_int(s, &number);
}

static bool is_allowed_href(struct str url)
{
	return (str_eq_nocase(str_slice(url, 0, 7), STR("http://")) ||
		str_eq_nocase(str_slice(url, 0, 8), STR("https://")) ||
		str_eq_nocase(str_slice(url, 0, 7), STR("mailto:"))) &&
	       str_find_char(url, '"') < 0 && str_find_char(url, '<') < 0;
}

static bool is_allowed_tag(struct str tag)
{
	const struct str link = STR("<a href=\"");
	const struct str link_end = STR("\" rel=\"noopener noreferrer nofollow\">");
	const struct str list = STR("<ol dir=\"auto\" start=\"");
	for (size_t i = 0; i < sizeof allowed_tags / sizeof allowed_tags[0]; i++) {
		if (str_eq(tag, str_of(allowed_tags[i])))
			return true;
	}
	if (str_starts_with(tag, list) && str_ends_with(tag, STR("\">")))
		return is_digits(str_slice(tag, list.len, tag.len - list.len - 2));
	return str_starts_with(tag, link) && str_ends_with(tag, link_end) &&
	       is_allowed_href(str_slice(tag, link.len, tag.len - link.len - link_end.len));
}

bool markdown_check(struct str markup, struct str *ret_bad)
{
	for (size_t i = 0; i < markup.len; i++) {
		char c = markup.data[i];
		struct str rest = str_slice(markup, i, markup.len);
		*ret_bad = str_slice(rest, 0, 40);
		if (c == '>' || c == '"' || c == '\'')
			return false;
		if (c != '<')
			continue;
		ptrdiff_t end = str_find_char(rest, '>');
		*ret_bad = str_slice(rest, 0, end < 0 ? 40 : (size_t)end + 1);
		if (end < 0 || !is_allowed_tag(*ret_bad))
			return false;
		i += (size_t)end;
	}
	return true;
}
