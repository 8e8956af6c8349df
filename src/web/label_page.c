#include "web/label_page.h"

#include "base/limits.h"
#include "http/form.h"
#include "web/page_box.h"
#include "web/page_labels.h"

static const struct form_errors no_errors;

static bool is_among(const struct label *labels, size_t count, const struct id *id)
{
	for (size_t i = 0; i < count; i++) {
		if (id_eq(&labels[i].id, id))
			return true;
	}
	return false;
}

static struct str name_of(struct cx *cx, const struct label *label)
{
	return label->is_unreadable ? text_get(cx->language, TEXT_LABELS_UNREADABLE) : label->name;
}

static enum err make_parts(struct cx *cx, const struct label *labels, size_t count,
			   const struct label *on, size_t on_count, struct label_part **ret)
{
	struct label_part *parts = ARENA_ARRAY(cx->arena, count + 1, struct label_part);
	if (parts == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		parts[i] = (struct label_part){labels[i].id, name_of(cx, &labels[i]),
					       is_among(on, on_count, &labels[i].id)};
	*ret = parts;
	return OK;
}

enum err label_page_parts(struct cx *cx, struct label_part **ret, size_t *ret_count)
{
	struct label *labels;
	TRY(label_list(cx, &labels, ret_count));
	return make_parts(cx, labels, *ret_count, NULL, 0, ret);
}

enum err label_page_strip(struct cx *cx, const struct conversation_part *conversation,
			  struct label_strip *ret)
{
	const struct message_part *asked = &conversation->messages[conversation->asked];
	*ret = (struct label_strip){
		.message_id = asked->id,
		.on_count = asked->label_count,
		.count = conversation->label_count,
	};
	return make_parts(cx, conversation->labels, conversation->label_count, asked->labels,
			  asked->label_count, &ret->labels);
}

/* ---- all of them ---- */

static enum err render_list(struct cx *cx, const struct request *req, struct response *res,
			    struct labels_view *view)
{
	TRY(label_page_parts(cx, &view->labels, &view->count));
	TRY(frame_init(cx, text_get(cx->language, TEXT_LABELS_TITLE), PLACE_LABELS, &view->frame));
	view->frame.notice = frame_notice(cx, req);
	if (view->errors->count > 0)
		res->status = 422;
	struct html html = frame_html(cx, res);
	page_labels(&html, view);
	return OK;
}

enum err label_page_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct labels_view view = {.errors = &no_errors};
	return render_list(cx, req, res, &view);
}

enum err label_page_create(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct form_errors errors = {.count = 0};
	struct id id;
	TRY(form_parse(req->arena, req->body, &form));
	struct str name = form_value(&form, "name");
	enum err err = label_create(cx, name, &id, &errors);
	if (err == ERR_INVALID) {
		struct labels_view view = {.errors = &errors, .typed = name};
		return render_list(cx, req, res, &view);
	}
	TRY(err);
	response_redirect(res, STR("/labels?done=label-made"));
	return OK;
}

enum err label_page_rename(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct form_errors errors = {.count = 0};
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->body, &form));
	struct str name = form_value(&form, "name");
	enum err err = label_rename(cx, &id, name, &errors);
	if (err == ERR_INVALID) {
		struct labels_view view = {.errors = &errors, .typed = name, .renamed = id};
		return render_list(cx, req, res, &view);
	}
	TRY(err);
	response_redirect(res, STR("/labels?done=label-renamed"));
	return OK;
}

enum err label_page_delete(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(label_delete(cx, &id));
	response_redirect(res, STR("/labels?done=label-deleted"));
	return OK;
}

/* ---- what has one ---- */

enum err label_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	struct form query;
	struct id id;
	struct label label;
	struct message_list list;
	struct box_view view = {.box = {.box = BOX_NONE}};
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->query, &query));
	struct str cursor = form_value(&query, "cursor");
	TRY(label_messages(cx, &id, cursor, LIMIT_PAGE_ROWS_DEFAULT, &label, &list));
	TRY(box_page_part(cx, &list, cursor, &view.box));
	view.box.label_id = id;
	frame_init_plain(cx, name_of(cx, &label), &view.frame);
	view.frame.place = PLACE_LABELS;
	view.frame.unread = list.unread_count;
	TRY(frame_count_signing(cx, &view.frame));
	view.frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_box(&html, &view);
	return OK;
}

/* ---- on a message ---- */

/* The names of those that are ticked, and of a new one. */
static enum err read_names(struct cx *cx, const struct form *form, struct str **ret,
			   size_t *ret_count)
{
	struct label *labels;
	size_t count, named = 0;
	TRY(label_list(cx, &labels, &count));
	struct str *names = ARENA_ARRAY(cx->arena, count + 1, struct str);
	if (names == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < form->count; k++) {
			if (str_eq(form->fields[k].name, STR("label")) &&
			    str_eq(form->fields[k].value, id_str(&labels[i].id))) {
				names[named++] = labels[i].name;
				break;
			}
		}
	}
	struct str typed = str_trim(form_value(form, "name"));
	if (typed.len > 0)
		names[named++] = typed;
	*ret = names;
	*ret_count = named;
	return OK;
}

enum err label_page_set(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct form_errors errors = {.count = 0};
	struct str *names;
	size_t count;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->body, &form));
	TRY(read_names(cx, &form, &names, &count));
	enum err err = label_set(cx, &id, names, count, "name", &errors);
	if (err == ERR_INVALID) {
		struct label_refused_view view = {.message_id = id, .errors = &errors};
		view.typed = form_value(&form, "name");
		TRY(frame_init(cx, text_get(cx->language, TEXT_LABELS_ON_MESSAGE), PLACE_NONE,
			       &view.frame));
		res->status = 422;
		struct html html = frame_html(cx, res);
		page_label_refused(&html, &view);
		return OK;
	}
	TRY(err);
	response_redirect(res, arena_printf(cx->arena, "/message/%s?done=labels-saved", id.text));
	return OK;
}
