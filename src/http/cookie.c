#include "http/request.h"
#include "http/token.h"

/* RFC 6265 4.1.1 cookie-octet. */
static bool is_cookie_value(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];
		if (c <= ' ' || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '\\')
			return false;
	}
	return true;
}

static struct str without_quotes(struct str s)
{
	bool is_quoted = s.len >= 2 && s.data[0] == '"' && s.data[s.len - 1] == '"';
	return is_quoted ? str_slice(s, 1, s.len - 2) : s;
}

struct str request_cookie(const struct request *req, const char *name)
{
	struct str wanted = str_of(name);
	struct str found = STR_NONE;
	int count = 0;
	for (size_t i = 0; i < req->header_count; i++) {
		struct str rest = req->headers[i].value;
		struct str pair, key;
		if (!str_eq_nocase(req->headers[i].name, STR("Cookie")))
			continue;
		while (str_next(&rest, ';', &pair)) {
			struct str value = str_trim(pair);
			bool has_value = str_find_char(value, '=') >= 0;
			if (!str_next(&value, '=', &key) || !str_eq(key, wanted))
				continue;
			count++;
			value = without_quotes(value);
			if (has_value && token_is_valid(key) && is_cookie_value(value))
				found = value;
		}
	}
	/* Two of a name: somebody with a sibling host or path planted one. Neither can be believed.
	 */
	return count == 1 ? found : STR_NONE;
}
