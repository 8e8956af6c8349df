#include "mail/mail_url.h"

#include "base/encode.h"
#include "base/limits.h"
#include "base/utf8.h"

enum {
	PORT_SMTP = 25,
	PORT_SMTPS = 465,
	PORT_SUBMISSION = 587,
	PORT_MAX = 65535,
	HOST_MAX_BYTES = 253
};

static enum err fail(enum text_id problem, enum text_id *ret_problem)
{
	*ret_problem = problem;
	return ERR_INVALID;
}

static bool is_host_char(char c, bool is_ipv6)
{
	if (is_ipv6)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ||
		       c == ':' || c == '.';
	return str_is_alnum(c) || c == '-' || c == '.' || c == '_';
}

static bool is_host(struct str host, bool is_ipv6)
{
	if (host.len == 0 || host.len > HOST_MAX_BYTES || host.data[0] == '-' ||
	    host.data[0] == '.')
		return false;
	for (size_t i = 0; i < host.len; i++) {
		if (!is_host_char(host.data[i], is_ipv6))
			return false;
	}
	return !is_ipv6 || str_find_char(host, ':') >= 0;
}

/* "[::1]:25" or "mail.example.com:25", the port being optional. */
static enum err parse_server(struct str server, struct mail_url *ret, enum text_id *ret_problem)
{
	bool is_ipv6 = str_starts_with(server, STR("["));
	ptrdiff_t end = is_ipv6 ? str_find_char(server, ']') : str_find_char(server, ':');
	if (is_ipv6 && end < 0)
		return fail(TEXT_MAIL_URL_HOST, ret_problem);
	size_t host_end = end < 0 ? server.len : (size_t)end;
	ret->host = is_ipv6 ? str_slice(server, 1, host_end - 1) : str_slice(server, 0, host_end);
	if (!is_host(ret->host, is_ipv6))
		return fail(TEXT_MAIL_URL_HOST, ret_problem);
	struct str port = str_slice(server, host_end + (is_ipv6 ? 1 : 0), server.len);
	if (str_is_empty(port))
		return OK;
	if (port.data[0] != ':' || !str_to_int(str_slice(port, 1, port.len), &ret->port) ||
	    ret->port < 1 || ret->port > PORT_MAX)
		return fail(TEXT_MAIL_URL_PORT, ret_problem);
	return OK;
}

static enum err parse_login(struct arena *arena, struct str login, struct mail_url *ret,
			    enum text_id *ret_problem)
{
	ptrdiff_t colon = str_find_char(login, ':');
	if (colon <= 0)
		return fail(TEXT_MAIL_URL_LOGIN, ret_problem);
	struct str user = str_slice(login, 0, (size_t)colon);
	struct str password = str_slice(login, (size_t)colon + 1, login.len);
	if (decode_url(arena, user, false, &ret->user) != OK ||
	    decode_url(arena, password, false, &ret->password) != OK || str_is_empty(ret->user) ||
	    str_is_empty(ret->password) || !utf8_is_line(ret->user) || !utf8_is_line(ret->password))
		return fail(TEXT_MAIL_URL_LOGIN, ret_problem);
	return OK;
}

static int64_t default_port(const struct mail_url *url)
{
	if (url->kind == MAIL_URL_SMTPS)
		return PORT_SMTPS;
	return str_is_empty(url->user) ? PORT_SMTP : PORT_SUBMISSION;
}

static enum err parse_smtp(struct arena *arena, struct str rest, struct mail_url *ret,
			   enum text_id *ret_problem)
{
	/* The last @: a password that forgot to encode its own is still read as meant. */
	ptrdiff_t at = -1;
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.data[i] == '@')
			at = (ptrdiff_t)i;
	}
	struct str server = str_slice(rest, (size_t)(at + 1), rest.len);
	if (str_ends_with(server, STR("/")))
		server.len--;
	if (str_find_char(server, '/') >= 0 || str_find_char(server, '?') >= 0 ||
	    str_find_char(server, '#') >= 0)
		return fail(TEXT_MAIL_URL_REST, ret_problem);
	if (at >= 0)
		TRY(parse_login(arena, str_slice(rest, 0, (size_t)at), ret, ret_problem));
	TRY(parse_server(server, ret, ret_problem));
	if (ret->port == 0)
		ret->port = default_port(ret);
	return OK;
}

static bool skip_scheme(struct str *text, struct str scheme)
{
	if (!str_eq_nocase(str_slice(*text, 0, scheme.len), scheme))
		return false;
	*text = str_slice(*text, scheme.len, text->len);
	return true;
}

static enum err parse_dir(struct arena *arena, struct str folder, struct mail_url *ret,
			  enum text_id *ret_problem)
{
	if (str_is_empty(folder) || str_find_char(folder, '\0') >= 0)
		return fail(TEXT_MAIL_URL_DIR, ret_problem);
	ret->folder = arena_copy(arena, folder);
	return OK;
}

enum err mail_url_parse(struct arena *arena, struct str text, struct mail_url *ret,
			enum text_id *ret_problem)
{
	struct mail_url url = {0};
	struct str rest = str_trim(text);
	if (rest.len > LIMIT_CONFIG_VALUE_BYTES)
		return fail(TEXT_MAIL_URL_SCHEME, ret_problem);
	if (skip_scheme(&rest, STR("dir:"))) {
		url.kind = MAIL_URL_DIR;
		TRY(parse_dir(arena, rest, &url, ret_problem));
	} else if (skip_scheme(&rest, STR("smtp://"))) {
		url.kind = MAIL_URL_SMTP;
		TRY(parse_smtp(arena, rest, &url, ret_problem));
	} else if (skip_scheme(&rest, STR("smtps://"))) {
		url.kind = MAIL_URL_SMTPS;
		TRY(parse_smtp(arena, rest, &url, ret_problem));
	} else {
		return fail(TEXT_MAIL_URL_SCHEME, ret_problem);
	}
	if (arena->failed)
		return ERR_UNAVAILABLE;
	url.host = arena_copy(arena, url.host);
	*ret = url;
	return OK;
}
