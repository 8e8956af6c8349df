#include "web/audit_page.h"

#include "base/encode.h"
#include "base/limits.h"
#include "http/form.h"
#include "web/page_audit.h"
#include "web/when.h"

static struct audit_wish read_wish(struct cx *cx, const struct form *form)
{
	return (struct audit_wish){
		.group = form_value(form, "kind"),
		.person = str_trim(form_value(form, "person")),
		.person_id = form_value(form, "person_id"),
		.from = form_value(form, "from"),
		.to = form_value(form, "to"),
		.words = str_trim(form_value(form, "q")),
		.before = form_value(form, "before"),
		.zone = when_zone(cx),
	};
}

static struct field make_field(struct cx *cx, const char *name, const char *type,
			       enum text_id label, struct str value,
			       const struct form_errors *errors)
{
	struct field field = field_text(cx, name, label, value);
	field.type = type;
	field_mark(&field, errors);
	return field;
}

static void add_part(struct buf *out, const char *name, struct str value)
{
	if (value.len == 0)
		return;
	buf_add(out, out->len > 0 ? STR("&") : STR_NONE);
	buf_add(out, str_of(name));
	buf_add(out, STR("="));
	encode_url(out, value);
}

static struct str query_of(struct cx *cx, const struct audit_wish *wish)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, LIMIT_BODY_SMALL);
	add_part(&out, "kind", wish->group);
	add_part(&out, "person", wish->person);
	add_part(&out, "person_id", wish->person_id);
	add_part(&out, "from", wish->from);
	add_part(&out, "to", wish->to);
	add_part(&out, "q", wish->words);
	return arena_copy(cx->arena, buf_str(&out));
}

static void fill_form(struct cx *cx, const struct audit_wish *wish, struct audit_view_page *view)
{
	const struct form_errors *errors = view->errors;
	view->words = make_field(cx, "q", "search", TEXT_AUDIT_WORDS, wish->words, errors);
	view->person = make_field(cx, "person", "text", TEXT_AUDIT_PERSON, wish->person, errors);
	view->from = make_field(cx, "from", "date", TEXT_AUDIT_FROM, wish->from, errors);
	view->to = make_field(cx, "to", "date", TEXT_AUDIT_TO, wish->to, errors);
	for (int i = 0; i < AUDIT_GROUPS; i++) {
		struct audit_choice *choice = &view->groups[i];
		choice->word = str_of(audit_group_word((enum audit_group)i));
		choice->label = text_get(cx->language, audit_group_label((enum audit_group)i));
		choice->is_chosen = str_eq(wish->group, choice->word);
	}
	struct str query = query_of(cx, wish);
	view->older = arena_printf(cx->arena, "%.*s%sbefore=%lld", STR_ARGS(query),
				   query.len > 0 ? "&" : "", (long long)view->list.next);
	view->query = query;
	view->is_filtered = query.len > 0;
	view->is_first = wish->before.len == 0;
}

static enum err fill_rows(struct cx *cx, struct audit_view_page *view)
{
	const struct audit_list *list = &view->list;
	view->rows = ARENA_ARRAY(cx->arena, list->count + 1, struct audit_row);
	if (view->rows == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < list->count; i++) {
		const struct audit_line *line = &list->lines[i];
		const struct audit_entry *entry = &line->view.entry;
		bool has_whom = line->whom.len > 0;
		view->rows[i] = (struct audit_row){
			.line = line,
			.when = when_long(cx, entry->at_ms),
			.iso = when_iso(cx, entry->at_ms),
			.person_id = has_whom ? entry->object_id : entry->actor_id,
			.person = has_whom ? line->whom : line->who,
		};
	}
	if (list->reached_ms > 0)
		view->reached = when_long(cx, list->reached_ms);
	return OK;
}

enum err audit_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {0};
	struct audit_view_page view = {.errors = &errors};
	struct form form;
	TRY(form_parse(req->arena, req->query, &form));
	struct audit_wish wish = read_wish(cx, &form);
	enum err err = audit_look(cx, &wish, &view.list, &errors);
	if (err == ERR_INVALID && errors.count > 0) {
		res->status = 422;
		err = OK;
	}
	TRY(err);
	fill_form(cx, &wish, &view);
	TRY(fill_rows(cx, &view));
	TRY(frame_init(cx, text_get(cx->language, TEXT_ADMIN_AUDIT), PLACE_AUDIT, &view.frame));
	struct html html = frame_html(cx, res);
	page_audit(&html, &view);
	return OK;
}
