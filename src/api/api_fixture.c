#include "api/api_fixture.h"

#include "api/api.h"
#include "base/limits.h"
#include "core/outbox.h"
#include "core/session.h"
#include "core/settings_live.h"
#include "http/dispatch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const api_fixture_password = "copper lantern river oat";

static void must(bool is_fine, const char *what)
{
	if (is_fine)
		return;
	fprintf(stderr, "api_fixture: %s failed\n", what);
	abort();
}

static int64_t chosen_now(const struct clock *clock)
{
	return ((const struct api_fixture_clock *)clock)->now_ms;
}

static struct portal_options options_of(struct api_fixture *f)
{
	static const struct password_cost cheap = {.memory_bytes = 8192, .passes = 1};
	/* What a power cut does is tested by tests/power. */
	return (struct portal_options){
		.is_store_unsafe = true,
		.data_dir = str_of(f->folder),
		.store_url = f->place.schema[0] ? str_of(f->place.url) : STR_NONE,
		.clock = &f->clock.clock,
		.password_cost = &cheap,
	};
}

void api_fixture_init(struct api_fixture *f, bool is_postgres, enum custody custody)
{
	const struct portal_setup setup = {STR("Lakeside"), STR("https://portal.example.com"),
					   STR("admin@example.com"), custody};
	struct str link = STR_NONE;
	*f = (struct api_fixture){.clock = {{chosen_now}, INT64_C(1795381200000)}};
	arena_init(&f->arena, 64 << 20);
	if (is_postgres)
		store_fixture_init(&f->place, true);
	const char *base = getenv("TMPDIR");
	snprintf(f->folder, sizeof(f->folder), "%s/postern-api-XXXXXX", base ? base : "/tmp");
	must(mkdtemp(f->folder) != NULL, "mkdtemp");
	struct portal_options options = options_of(f);
	must(crypto_init() == OK && portal_create(&options, &setup, &f->arena, &link) == OK,
	     "portal_create");
	must(portal_open(&options, &f->portal) == OK, "portal_open");
	ptrdiff_t at = str_find(link, STR("/register/"));
	must(at > 0, "set-up link");
	f->set_up_token = str_slice(link, (size_t)at + 10, link.len);
	f->site = (struct site){
		.routes = api_routes,
		.route_count = api_route_count,
		.portal = f->portal,
		.public_origin = STR("https://portal.example.com"),
		.authenticate = api_authenticate,
		.refuse = api_refuse,
	};
}

void api_fixture_set(struct api_fixture *f, const char *name, struct str value)
{
	struct cx cx = api_fixture_cx(f);
	struct form_errors errors = {0};
	const struct setting_change change = {str_of(name), value};
	must(settings_live_change(&cx, &change, 1, 0, &errors) == OK, name);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info, (void)type, (void)walk;
	return remove(path);
}

void api_fixture_release(struct api_fixture *f)
{
	portal_close(f->portal);
	nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	if (f->place.schema[0])
		store_fixture_release(&f->place);
	arena_release(&f->arena);
}

static enum method method_of(const char *word)
{
	static const char *const words[] = {
		[METHOD_GET] = "GET",         [METHOD_HEAD] = "HEAD",   [METHOD_POST] = "POST",
		[METHOD_PUT] = "PUT",         [METHOD_PATCH] = "PATCH", [METHOD_DELETE] = "DELETE",
		[METHOD_OPTIONS] = "OPTIONS",
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) == 0)
			return (enum method)i;
	}
	abort();
}

static struct request make_request(struct arena *arena, const struct api_call *call,
				   struct header *headers)
{
	struct str query = str_of(call->path);
	struct str path;
	size_t count = 0;
	if (!str_next(&query, '?', &path))
		path = STR_NONE;
	headers[count++] = (struct header){STR("User-Agent"), STR("api test")};
	if (call->body.data)
		headers[count++] = (struct header){
			STR("Content-Type"),
			str_of(call->content_type ? call->content_type : "application/json")};
	if (call->token)
		headers[count++] = (struct header){STR("authorization"),
						   arena_printf(arena, "bearer %s", call->token)};
	if (call->idempotency_key)
		headers[count++] =
			(struct header){STR("Idempotency-Key"), str_of(call->idempotency_key)};
	if (call->last_event)
		headers[count++] = (struct header){STR("Last-Event-ID"), str_of(call->last_event)};
	for (size_t i = 0; i < API_FIXTURE_OWN_HEADERS && call->headers[i].name.len > 0; i++)
		headers[count++] = call->headers[i];
	return (struct request){
		.method = method_of(call->method),
		.path = path,
		.query = query,
		.headers = headers,
		.header_count = count,
		.body = call->body,
		.body_bytes =
			call->is_of_unknown_length ? BODY_BYTES_UNKNOWN : (int64_t)call->body.len,
		.remote = STR("192.0.2.1"),
		.id = STR("test"),
		.arena = arena,
	};
}

static void keep_answer(struct response *res, struct api_answer *answer)
{
	struct str body = buf_str(&res->body);
	size_t at = 0;
	*answer = (struct api_answer){.status = res->status, .stream = res->stream};
	res->stream = NULL;
	must(body.len < sizeof(answer->body), "room for the answer");
	if (body.len > 0)
		memcpy(answer->body, body.data, body.len);
	snprintf(answer->content_type, sizeof(answer->content_type), "%.*s",
		 STR_ARGS(res->content_type));
	for (size_t i = 0; i < res->header_count && at < sizeof(answer->headers); i++)
		at += (size_t)snprintf(answer->headers + at, sizeof(answer->headers) - at,
				       "%.*s: %.*s\n", STR_ARGS(res->headers[i].name),
				       STR_ARGS(res->headers[i].value));
	answer->json = json_loadb(answer->body, body.len, JSON_REJECT_DUPLICATES, NULL);
}

void api_fixture_answer_release(struct api_answer *answer)
{
	json_decref(answer->json);
	answer->json = NULL;
	stream_source_release(answer->stream);
	answer->stream = NULL;
}

enum stream_next api_fixture_next_piece(struct api_answer *answer)
{
	struct buf piece CLEANUP_BUF;
	enum stream_next next = STREAM_END;
	buf_init(&piece, answer->stream->piece_bytes);
	must(answer->stream->produce(answer->stream, &piece, &next) == OK && piece.err == OK,
	     "produce");
	must(piece.len < sizeof(answer->body), "room for the piece");
	memcpy(answer->body, piece.data ? piece.data : "", piece.len);
	answer->body[piece.len] = '\0';
	return next;
}

void api_fixture_call(struct api_fixture *f, const struct api_call *call, struct api_answer *answer)
{
	CLEANUP_ARENA struct arena arena;
	struct header headers[API_FIXTURE_HEADERS];
	struct str allowed = STR_NONE;
	arena_init(&arena, LIMIT_REQUEST_ARENA);
	struct request req = make_request(&arena, call, headers);
	struct response res = {
		.status = 200, .content_type = STR("text/html; charset=utf-8"), .arena = &arena};
	buf_init(&res.body, LIMIT_RESPONSE_BYTES);
	const struct route *route = route_find(&f->site, &req, &allowed);
	const struct refusal refusal = {
		.status = allowed.len ? 405 : 404,
		.err = allowed.len ? ERR_INVALID : ERR_NOT_FOUND,
		.surface = dispatch_surface(&f->site, req.path),
		.allowed = allowed,
	};
	if (route)
		dispatch(&f->site, route, &req, &res);
	else
		dispatch_refuse(&f->site, &refusal, &req, &res);
	api_fixture_answer_release(answer);
	keep_answer(&res, answer);
	response_release(&res);
}

struct cx api_fixture_cx(struct api_fixture *f)
{
	return (struct cx){
		.arena = &f->arena, .portal = f->portal, .language = language_find(STR("en"))};
}

size_t api_fixture_take_mails(struct api_fixture *f, const char *address, struct str *ret_token)
{
	struct cx cx = api_fixture_cx(f);
	struct outbox_mail mail;
	int64_t due_ms;
	size_t count = 0;
	while (outbox_claim(&cx, MINUTE_MS, &mail, &due_ms) == OK) {
		must(outbox_settle(&cx, &mail, OUTBOX_ACCEPTED, STR("250 thank you")) == OK,
		     "outbox_settle");
		if (address && !str_eq(mail.to_address, str_of(address)))
			continue;
		bool is_address = mail.kind == MAIL_ADDRESS || mail.kind == MAIL_ADDRESS_CHANGED;
		struct str before = is_address ? STR("/address/") : STR("/register/");
		ptrdiff_t at = str_find(mail.link, before);
		if ((mail.kind == MAIL_INVITATION || is_address) && at > 0 && ret_token)
			*ret_token = str_slice(mail.link, (size_t)at + before.len, mail.link.len);
		count++;
	}
	return count;
}

const char *api_fixture_register(struct api_fixture *f, struct str token, const char *name)
{
	static struct api_answer answer;
	struct str path = arena_printf(&f->arena, "/api/v1/registrations/%.*s", STR_ARGS(token));
	struct str body = arena_printf(&f->arena, "{\"name\":\"%s\",\"password\":\"%s\"}", name,
				       api_fixture_password);
	api_fixture_call(f, &(struct api_call){.method = "POST", .path = path.data, .body = body},
			 &answer);
	must(answer.status == 201 && answer.json, "registration");
	const char *session = arena_cstr(
		&f->arena, str_of(json_string_value(json_object_get(answer.json, "token"))));
	api_fixture_answer_release(&answer);
	return session;
}
