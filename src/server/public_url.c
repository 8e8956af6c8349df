#include "server/public_url.h"

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == ':' || c == '[' || c == ']';
}

bool public_url_is_https(struct str url)
{
	return str_starts_with(url, STR("https://"));
}

enum err public_url_parse(struct arena *arena, struct str typed, struct str *ret)
{
	struct str url = arena_copy(arena, str_trim(typed));
	char *text = (char *)url.data;
	for (size_t i = 0; i < url.len; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] - 'A' + 'a');
	if (str_ends_with(url, STR("/")))
		url.len--;
	size_t scheme = public_url_is_https(url) ? 8 : str_starts_with(url, STR("http://")) ? 7 : 0;
	if (scheme == 0 || url.len == scheme || url.len > 200)
		return ERR_INVALID;
	for (size_t i = scheme; i < url.len; i++)
		if (!is_host_char(url.data[i]))
			return ERR_INVALID;
	*ret = url;
	return OK;
}
