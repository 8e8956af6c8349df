#include "web/session_cookie.h"

#include "base/limits.h"
#include "base/utf8.h"

static bool is_https(const struct cx *cx)
{
	return str_starts_with(cx->portal->settings->url, STR("https://"));
}

static const char *name(const struct cx *cx)
{
	return is_https(cx) ? "__Host-postern" : "postern";
}

struct str session_cookie_read(const struct cx *cx, const struct request *req)
{
	return request_cookie(req, name(cx));
}

void session_cookie_set(const struct cx *cx, struct response *res, struct str token)
{
	/* No Max-Age: it ends with the browser, which is what people expect on a borrowed machine.
	 */
	response_header(res, "Set-Cookie",
			arena_printf(cx->arena, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax%s",
				     name(cx), STR_ARGS(token), is_https(cx) ? "; Secure" : ""));
}

void session_cookie_clear(const struct cx *cx, struct response *res)
{
	response_header(res, "Set-Cookie",
			arena_printf(cx->arena, "%s=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0%s",
				     name(cx), is_https(cx) ? "; Secure" : ""));
}

/* 400 days: browsers keep none for longer. */
enum { DEVICE_COOKIE_S = 400 * 24 * 3600 };

static const char *device_name(const struct cx *cx)
{
	return is_https(cx) ? "__Host-postern-device" : "postern-device";
}

struct str session_cookie_device(const struct cx *cx, const struct request *req)
{
	return request_cookie(req, device_name(cx));
}

void session_cookie_set_device(const struct cx *cx, struct response *res, struct str device)
{
	if (device.len == 0)
		return;
	response_header(res, "Set-Cookie",
			arena_printf(cx->arena,
				     "%s=%.*s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d%s",
				     device_name(cx), STR_ARGS(device), (int)DEVICE_COOKIE_S,
				     is_https(cx) ? "; Secure" : ""));
}

enum err session_cookie_end(struct cx *cx)
{
	if (cx->session == NULL)
		return OK;
	enum err err = session_end(cx);
	return err == ERR_NOT_FOUND ? OK : err;
}

enum err session_cookie_enter(struct cx *cx, struct response *res, const struct sign_in *sign_in)
{
	TRY(session_cookie_end(cx));
	session_cookie_set(cx, res, sign_in->token);
	session_cookie_set_device(cx, res, sign_in->device);
	return OK;
}

struct str session_cookie_user_agent(const struct request *req)
{
	struct str label = str_slice(request_header(req, "User-Agent"), 0, LIMIT_USER_AGENT_BYTES);
	return utf8_is_line(label) ? label : STR_NONE;
}
