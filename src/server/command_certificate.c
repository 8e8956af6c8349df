#include "base/encode.h"
#include "base/limits.h"
#include "core/signing_keys.h"
#include "server/command.h"
#include "server/options.h"
#include "server/read_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 16 << 20 };

static struct str date_of(struct cx *cx, int64_t at_ms)
{
	return format_date(cx->arena, cx->language, STR("UTC"), at_ms);
}

/* ---- show, export ---- */

/* The newest in use comes first. */
static struct str state_of(struct cx *cx, const struct signing_key_view *view, bool is_current)
{
	bool is_over = view->facts.until_ms < cx_now_ms(cx);
	int64_t at_ms = view->ended_ms ? view->ended_ms : view->facts.until_ms;
	enum text_id id = view->ended_ms ? TEXT_CERTIFICATE_STATE_ENDED
			  : is_over      ? TEXT_CERTIFICATE_STATE_EXPIRED
			  : is_current   ? TEXT_CERTIFICATE_STATE_CURRENT
					 : TEXT_CERTIFICATE_STATE_BEFORE;
	return TEXT_FILL(cx->arena, cx->language, id, TEXT_ARG("date", date_of(cx, at_ms)));
}

static void show_one(struct cx *cx, const struct signing_key_view *view, bool is_current)
{
	enum text_id what = view->kind == SIGNING_KEY_AUTHORITY ? TEXT_CERTIFICATE_AUTHORITY
								: TEXT_CERTIFICATE_SEAL;
	struct str text = TEXT_FILL(
		cx->arena, cx->language, TEXT_CERTIFICATE_SHOWN,
		TEXT_ARG("what", text_get(cx->language, what)), TEXT_ARG("name", view->facts.name),
		TEXT_ARG("issuer", view->facts.issuer),
		TEXT_ARG("from", date_of(cx, view->facts.from_ms)),
		TEXT_ARG("until", date_of(cx, view->facts.until_ms)),
		TEXT_ARG("fingerprint", encode_hex(cx->arena, str_bytes(view->facts.sha256, 32))),
		TEXT_ARG("state", state_of(cx, view, is_current)));
	printf("%.*s\n", STR_ARGS(text));
}

static enum err show(struct cx *cx)
{
	struct signing_key_view *views;
	size_t count;
	bool has_current[SIGNING_KEY_SEAL + 1] = {false};
	TRY(signing_keys_all(cx, &views, &count));
	for (size_t i = 0; i < count; i++) {
		bool is_current = views[i].ended_ms == 0 && !has_current[views[i].kind];
		has_current[views[i].kind] = has_current[views[i].kind] || is_current;
		show_one(cx, &views[i], is_current);
	}
	return OK;
}

static enum err export(struct cx *cx) {
	struct signing_key_view *views; size_t count; struct str pem;
	TRY(signing_keys_all(cx, &views, &count)); for (size_t i = 0; i < count; i++){
		if (views[i].kind != SIGNING_KEY_AUTHORITY || views[i].ended_ms != 0) continue;
		TRY(certificate_pem(views[i].certificate, cx->arena, &pem));
		printf("%.*s", STR_ARGS(pem)); return OK;}
return ERR_NOT_FOUND;
}

/* ---- import, forget ---- */

static bool complain(struct cx *cx, enum text_id id, struct str file)
{
	COMPLAIN(cx->arena, id, TEXT_ARG("file", file));
	return false;
}

static bool read_password(struct cx *cx, struct str file, struct str *ret)
{
	enum err err =
		file.len > 0 ? read_file(cx->arena, file, READ_FILE_PASSWORD_MAX, ret)
			     : read_password_line(cx->arena,
						  text_get(cx->language, TEXT_CERTIFICATE_PASSWORD),
						  ret);
	if (err != OK)
		return complain(cx, TEXT_CERTIFICATE_PASSWORD_MISSING, file);
	*ret = read_file_first_line(*ret);
	return true;
}

static const enum text_id refusals[PKCS12_REFUSALS] = {
	[PKCS12_NOT_ONE] = TEXT_CERTIFICATE_NOT_ONE,
	[PKCS12_WRONG_PASSWORD] = TEXT_CERTIFICATE_WRONG_PASSWORD,
	[PKCS12_TOO_MUCH_WORK] = TEXT_CERTIFICATE_TOO_MUCH_WORK,
	[PKCS12_OLD] = TEXT_CERTIFICATE_OLD,
	[PKCS12_NO_KEY] = TEXT_CERTIFICATE_NO_KEY,
	[PKCS12_WEAK_KEY] = TEXT_CERTIFICATE_WEAK_KEY,
	[PKCS12_NOT_FOR_SIGNING] = TEXT_CERTIFICATE_NOT_FOR_SIGNING,
	[PKCS12_NOT_YET] = TEXT_CERTIFICATE_NOT_YET,
	[PKCS12_EXPIRED] = TEXT_CERTIFICATE_EXPIRED,
};

/* False: it was said why not. */
static bool import(struct cx *cx, struct str file, struct str password_file, enum err *ret_err)
{
	struct str bytes, password;
	struct certificate_facts facts;
	enum pkcs12_refusal refusal = PKCS12_FINE;
	if (read_file(cx->arena, file, LIMIT_PKCS12_BYTES, &bytes) != OK)
		return complain(cx, TEXT_CERTIFICATE_FILE_UNREADABLE, file);
	if (!read_password(cx, password_file, &password))
		return false;
	*ret_err = signing_keys_import(cx, bytes, password, &facts, &refusal);
	if (*ret_err == ERR_INVALID)
		return complain(cx, refusals[refusal], file);
	if (*ret_err != OK)
		return true;
	struct str text = TEXT_FILL(cx->arena, cx->language, TEXT_CERTIFICATE_IMPORTED,
				    TEXT_ARG("name", facts.name), TEXT_ARG("issuer", facts.issuer),
				    TEXT_ARG("until", date_of(cx, facts.until_ms)));
	printf("%.*s\n", STR_ARGS(text));
	return true;
}

static bool forget(struct cx *cx, enum err *ret_err)
{
	*ret_err = signing_keys_forget(cx);
	if (*ret_err == ERR_NOT_FOUND)
		return complain(cx, TEXT_CERTIFICATE_NONE_IMPORTED, STR_NONE);
	if (*ret_err == OK)
		options_say(TEXT_CERTIFICATE_FORGOTTEN);
	return true;
}

static bool run(struct cx *cx, const struct command_line *line, struct str password_file,
		enum err *ret_err)
{
	struct str what = line->arguments[0];
	if (str_eq(what, STR("import")))
		return import(cx, line->arguments[1], password_file, ret_err);
	if (str_eq(what, STR("forget")))
		return forget(cx, ret_err);
	*ret_err = str_eq(what, STR("show")) ? show(cx) : export(cx);
	return true;
}

static bool is_understood(const struct command_line *line, struct str password_file)
{
	struct str what = line->argument_count > 0 ? line->arguments[0] : STR_NONE;
	if (str_eq(what, STR("import")))
		return line->argument_count == 2;
	return line->argument_count == 1 && password_file.len == 0 &&
	       (str_eq(what, STR("show")) || str_eq(what, STR("export")) ||
		str_eq(what, STR("forget")));
}

int command_certificate(int argc, char **argv)
{
	struct arena arena CLEANUP_ARENA; /* wiped: a password is in it */
	struct str password_file = STR_NONE;
	const struct option options[] = {{"password-file", &password_file}, {NULL, NULL}};
	struct command_line line;
	struct portal *portal;
	enum err err = OK;
	arena_init(&arena, ARENA_BYTES);
	if (!options_read(&arena, argc, argv, options, &line))
		return EXIT_USAGE;
	if (line.wants_help || !is_understood(&line, password_file)) {
		options_say(TEXT_CERTIFICATE_USAGE);
		return line.wants_help ? EXIT_SUCCESS : EXIT_USAGE;
	}
	if (!options_open_portal(&line, &portal))
		return EXIT_FAILURE;
	struct cx cx = {.arena = &arena, .portal = portal, .language = language_find(STR("en"))};
	bool is_done = run(&cx, &line, password_file, &err);
	portal_close(portal);
	if (is_done && err != OK)
		return options_complain_of_portal(&line, err);
	return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}
