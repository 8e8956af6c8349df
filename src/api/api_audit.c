#include "api/api_audit.h"

#include "api/api_messages.h"
#include "api/json_write.h"
#include "api/problem.h"
#include "base/limits.h"
#include "core/audit_look.h"
#include "core/session_rights.h"
#include "http/form.h"

#include <stdio.h>
#include <stdlib.h>

enum { PIECE_BYTES = 256 * 1024, ARENA_BYTES = 8 << 20 };

static void write_id(struct json_write *write, const char *key, const struct id *id)
{
	if (id_is_empty(id))
		json_write_null(write, key);
	else
		json_write_id(write, key, id);
}

static void write_line(struct json_write *write, const struct audit_line *line)
{
	const struct audit_view *view = &line->view;
	const struct id none = {.text = ""};
	json_write_object(write, NULL);
	json_write_int(write, "number", view->entry.number);
	json_write_time(write, "at", view->entry.at_ms);
	json_write_text(write, "kind", str_of(audit_kind_word(view->entry.kind)));
	json_write_text(write, "sentence", line->sentence);
	write_id(write, "actor_id", &view->entry.actor_id);
	json_write_text(write, "actor", line->who);
	write_id(write, "object_id",
		 audit_log_is_named(view->entry.kind) ? &none : &view->entry.object_id);
	json_write_text(write, "object", line->whom);
	json_write_text(write, "remote", view->remote);
	json_write_text(write, "subject", view->subject);
	json_write_text(write, "before", view->before);
	json_write_text(write, "after", view->after);
	json_write_bool(write, "is_erased", view->is_erased);
	json_write_bool(write, "is_altered", view->is_changed);
	json_write_object_end(write);
}

static struct audit_wish read_wish(const struct form *form)
{
	return (struct audit_wish){
		.group = form_value(form, "kind"),
		.person = str_trim(form_value(form, "person")),
		.person_id = form_value(form, "person_id"),
		.from = form_value(form, "from"),
		.to = form_value(form, "to"),
		.words = form_value(form, "q"),
		.before = form_value(form, "cursor"),
	};
}

/* ---- as lines ---- */

struct source {
	struct stream_source base;
	struct portal *portal;
	const struct language *language;
	struct session_rights rights;
	struct audit_taking taking;
	struct arena arena; /* of what was typed */
};

static enum err produce(struct stream_source *base, struct buf *piece, enum stream_next *ret)
{
	struct source *source = (struct source *)base;
	struct arena arena CLEANUP_ARENA;
	struct session session = {.kind = source->rights.kind};
	struct audit_line *lines;
	size_t count;
	arena_init(&arena, ARENA_BYTES);
	struct cx cx = {.arena = &arena, .portal = source->portal, .language = source->language};
	TRY(session_rights_user(&cx, &source->rights, &session.user));
	cx.session = &session;
	TRY(audit_take_next(&cx, &source->taking, &lines, &count));
	for (size_t i = 0; i < count; i++) {
		struct json_write write = {.out = piece};
		write_line(&write, &lines[i]);
		buf_add_char(piece, '\n');
	}
	*ret = source->taking.is_over ? STREAM_END : STREAM_MORE;
	return piece->err;
}

static void release(struct stream_source *base)
{
	struct source *source = (struct source *)base;
	arena_release(&source->arena);
	free(source);
}

static enum err begin(struct cx *cx, const struct audit_wish *wish, struct source *source,
		      struct form_errors *errors)
{
	arena_init(&source->arena, ARENA_BYTES);
	source->base = (struct stream_source){
		.kind = STREAM_BULK,
		.length = STREAM_LENGTH_UNKNOWN,
		.piece_bytes = PIECE_BYTES,
		.user_id = cx->session->user.id,
		.produce = produce,
		.release = release,
	};
	source->portal = cx->portal;
	source->language = cx->language;
	source->rights = session_rights_of(cx->session);
	return audit_take_begin(cx, wish, &source->arena, &source->taking, errors);
}

static enum err answer_lines(struct cx *cx, const struct audit_wish *wish, struct response *res,
			     struct form_errors *errors)
{
	struct source *source = calloc(1, sizeof(*source));
	if (source == NULL)
		return ERR_UNAVAILABLE;
	enum err err = begin(cx, wish, source, errors);
	if (err != OK) {
		release(&source->base);
		return err;
	}
	res->stream = &source->base;
	res->content_type = STR("application/x-ndjson");
	response_header(res, "Content-Disposition", STR("attachment; filename=\"audit.jsonl\""));
	return OK;
}

/* ---- as a list ---- */

static void answer_list(struct response *res, const struct audit_list *list)
{
	struct json_write write = {.out = &res->body};
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_list(&write, "items");
	for (size_t i = 0; i < list->count; i++)
		write_line(&write, &list->lines[i]);
	json_write_list_end(&write);
	if (list->next > 0) {
		char digits[24];
		snprintf(digits, sizeof(digits), "%lld", (long long)list->next);
		json_write_text(&write, "next_cursor", str_of(digits));
	}
	json_write_object_end(&write);
}

/* Names of this API for what the page calls otherwise. */
static enum err answer_mistakes(struct cx *cx, struct response *res, struct form_errors *errors,
				enum err err)
{
	if (err != ERR_INVALID || errors->count == 0)
		return err;
	for (size_t i = 0; i < errors->count; i++)
		if (str_eq(str_of(errors->items[i].field), STR("before")))
			errors->items[i].field = "cursor";
	problem_answer(cx, res, PROBLEM_MISTAKES, errors);
	return OK;
}

enum err api_audit_export(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {0};
	struct form form;
	TRY(form_parse(req->arena, req->query, &form));
	struct audit_wish wish = read_wish(&form);
	return answer_mistakes(cx, res, &errors, answer_lines(cx, &wish, res, &errors));
}

enum err api_audit_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {0};
	struct audit_list list;
	struct form form;
	TRY(form_parse(req->arena, req->query, &form));
	struct audit_wish wish = read_wish(&form);
	struct str accept = request_header(req, "Accept");
	if (str_starts_with(str_trim(accept), STR("application/x-ndjson")))
		return answer_mistakes(cx, res, &errors, answer_lines(cx, &wish, res, &errors));
	api_messages_read_page(cx, &form, &wish.limit, &wish.before, &errors);
	enum err err = errors.count > 0 ? ERR_INVALID : audit_look(cx, &wish, &list, &errors);
	if (err != OK)
		return answer_mistakes(cx, res, &errors, err);
	answer_list(res, &list);
	return OK;
}
