#include "web/web_fixture.h"

#include "base/limits.h"
#include "core/session.h"
#include "http/dispatch.h"
#include "web/routes.h"
#include "web/site.h"

#include <stdio.h>
#include <stdlib.h>

static enum err authenticate(struct cx *cx, const struct request *req, enum surface surface)
{
	(void)surface;
	return web_authenticate(cx, req);
}

static void refuse(struct cx *cx, const struct request *req, struct response *res,
		   enum surface surface, enum err err)
{
	(void)surface;
	web_refuse(cx, req, res, err);
}

static void must(bool is_so, const char *what)
{
	if (is_so)
		return;
	fprintf(stderr, "web_fixture: %s\n", what);
	abort();
}

void web_fixture_init(struct web_fixture *fixture, enum custody custody)
{
	core_fixture_init(&fixture->core, false, custody);
	fixture->site = (struct site){
		.routes = web_routes,
		.route_count = web_route_count,
		.portal = fixture->core.portal,
		.is_https = true,
		.public_origin = fixture->core.portal->settings->url,
		.authenticate = authenticate,
		.refuse = refuse,
		.ask_to_sign_in = web_ask_to_sign_in,
	};
}

void web_fixture_release(struct web_fixture *fixture)
{
	core_fixture_release(&fixture->core);
}

static struct str header_of(struct arena *arena, const struct response *res, struct str name)
{
	for (size_t i = 0; i < res->header_count; i++) {
		if (str_eq_nocase(res->headers[i].name, name))
			return arena_copy(arena, res->headers[i].value);
	}
	return STR_NONE;
}

static struct str device_of(struct arena *arena, const struct response *res)
{
	for (size_t i = 0; i < res->header_count; i++) {
		if (str_starts_with(res->headers[i].value, STR("__Host-postern-device=")))
			return arena_copy(arena, res->headers[i].value);
	}
	return STR_NONE;
}

static struct web_answer run(struct web_fixture *fixture, struct request *req)
{
	struct arena CLEANUP_ARENA arena;
	struct str allowed;
	arena_init(&arena, LIMIT_REQUEST_ARENA);
	req->arena = &arena;
	struct response res = {
		.status = 200, .content_type = STR("text/html; charset=utf-8"), .arena = &arena};
	buf_init(&res.body, LIMIT_RESPONSE_BYTES);
	const struct route *route = route_find(&fixture->site, req, &allowed);
	const struct refusal no_route = {
		.status = 404, .err = ERR_NOT_FOUND, .surface = SURFACE_PAGE};
	if (route)
		dispatch(&fixture->site, route, req, &res);
	else
		dispatch_refuse(&fixture->site, &no_route, req, &res);
	struct arena *kept = &fixture->core.arena;
	struct web_answer answer = {
		.status = res.status,
		.body = arena_copy(kept,
				   res.static_body.len > 0 ? res.static_body : buf_str(&res.body)),
		.location = header_of(kept, &res, STR("Location")),
		.cookie = header_of(kept, &res, STR("Set-Cookie")),
		.device = device_of(kept, &res),
		.clear = header_of(kept, &res, STR("Clear-Site-Data")),
		.policy = header_of(kept, &res, STR("Content-Security-Policy")),
	};
	response_release(&res);
	must(!kept->failed, "out of memory");
	return answer;
}

static struct web_answer ask_typed(struct web_fixture *fixture, enum method method, struct str path,
				   struct str type, struct str form, struct str token,
				   struct str site)
{
	struct str query = path;
	struct str head = STR_NONE;
	must(str_next(&query, '?', &head), "empty path");
	struct header headers[] = {
		{STR("Sec-Fetch-Site"), site},
		{STR("Content-Type"), type},
		{STR("User-Agent"), STR("Mozilla/5.0 (Windows NT 10.0) Firefox/130.0")},
		{STR("Cookie"),
		 arena_printf(&fixture->core.arena, "__Host-postern=%.*s", STR_ARGS(token))},
	};
	struct request req = {
		.method = method,
		.path = head,
		.query = head.len == path.len ? STR_NONE : query,
		.headers = headers,
		.header_count = token.len > 0 ? 4 : 3,
		.body = form,
		.body_bytes = (int64_t)form.len,
		.remote = STR("192.0.2.7"),
		.id = STR("TEST"),
		.is_tls = true,
	};
	return run(fixture, &req);
}

static struct web_answer ask(struct web_fixture *fixture, enum method method, struct str path,
			     struct str form, struct str token, struct str site)
{
	return ask_typed(fixture, method, path, STR("application/x-www-form-urlencoded"), form,
			 token, site);
}

struct web_answer web_fixture_get(struct web_fixture *fixture, struct str path, struct str token)
{
	return ask(fixture, METHOD_GET, path, STR_NONE, token, STR("same-origin"));
}

struct web_answer web_fixture_head(struct web_fixture *fixture, struct str path, struct str token)
{
	return ask(fixture, METHOD_HEAD, path, STR_NONE, token, STR("same-origin"));
}

struct web_answer web_fixture_get_from_elsewhere(struct web_fixture *fixture, struct str path,
						 struct str token)
{
	return ask(fixture, METHOD_GET, path, STR_NONE, token, STR("cross-site"));
}

struct web_answer web_fixture_post(struct web_fixture *fixture, struct str path, struct str form,
				   struct str token)
{
	return ask(fixture, METHOD_POST, path, form, token, STR("same-origin"));
}

struct web_answer web_fixture_post_from_elsewhere(struct web_fixture *fixture, struct str path,
						  struct str form, struct str token)
{
	return ask(fixture, METHOD_POST, path, form, token, STR("cross-site"));
}

struct web_answer web_fixture_post_files(struct web_fixture *fixture, struct str path,
					 const struct web_upload *files, size_t count,
					 struct str token)
{
	struct buf body CLEANUP_BUF;
	buf_init(&body, LIMIT_RESPONSE_BYTES);
	for (size_t i = 0; i < count; i++) {
		buf_addf(&body,
			 "--edge\r\nContent-Disposition: form-data; name=\"file\"; "
			 "filename=\"%.*s\"\r\nContent-Type: text/plain\r\n\r\n",
			 STR_ARGS(files[i].name));
		buf_add(&body, files[i].bytes);
		buf_add(&body, STR("\r\n"));
	}
	buf_add(&body, STR("--edge--\r\n"));
	must(body.err == OK, "too much to send");
	return ask_typed(fixture, METHOD_POST, path, STR("multipart/form-data; boundary=edge"),
			 buf_str(&body), token, STR("same-origin"));
}

struct str web_fixture_sign_in(struct web_fixture *fixture, struct str address)
{
	struct cx cx = core_fixture_cx(&fixture->core, NULL);
	struct sign_in sign_in;
	int64_t wait_s;
	must(session_sign_in(&cx, address, CORE_FIXTURE_PASSWORD, SESSION_BROWSER, STR("Test"),
			     &sign_in, &wait_s) == OK,
	     "cannot sign in");
	core_fixture_keep(&fixture->core, sign_in.session);
	return sign_in.token;
}

struct str web_fixture_token(const struct web_answer *answer)
{
	const struct str name = STR("__Host-postern=");
	struct str rest = str_slice(answer->cookie, name.len, answer->cookie.len);
	struct str token = STR_NONE;
	if (!str_starts_with(answer->cookie, name) || !str_next(&rest, ';', &token))
		return STR_NONE;
	return token;
}
