#include "web/group_page.h"

#include "base/buf.h"
#include "base/limits.h"
#include "http/form.h"
#include "web/page_group.h"

static enum err render(struct cx *cx, struct response *res, struct str members,
		       const struct form_errors *errors, struct group_view *view)
{
	view->errors = errors;
	view->is_new = id_is_empty(&view->id);
	view->name.hint = text_get(cx->language, TEXT_GROUP_NAME_HINT);
	view->name.is_required = true;
	field_mark(&view->name, errors);
	view->members =
		compose_page_people_field(cx, "members", TEXT_GROUP_MEMBERS, members, errors);
	view->members.hint = text_get(cx->language, TEXT_GROUP_MEMBERS_HINT);
	view->blank = STR("{}");
	struct str title = view->is_new ? text_get(cx->language, TEXT_GROUP_NEW) : view->name_now;
	TRY(frame_init(cx, title, PLACE_PEOPLE, &view->frame));
	struct html html = frame_html(cx, res);
	page_group(&html, view);
	return OK;
}

enum err group_page_new(struct cx *cx, const struct request *req, struct response *res)
{
	const struct form_errors none = {0};
	struct group_view view = {.name = field_text(cx, "name", TEXT_GROUP_NAME, STR_NONE)};
	(void)req;
	return render(cx, res, STR_NONE, &none, &view);
}

enum err group_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	const struct form_errors none = {0};
	struct people_group group;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(people_group_get(cx, &id, &group));
	struct buf members CLEANUP_BUF;
	buf_init(&members, LIMIT_BODY_SMALL);
	for (size_t i = 0; i < group.member_count; i++) {
		if (i > 0)
			buf_add(&members, STR(", "));
		buf_add(&members, group.members[i]);
	}
	struct group_view view = {
		.id = id,
		.name_now = group.name,
		.name = field_text(cx, "name", TEXT_GROUP_NAME, group.name),
	};
	return render(cx, res, arena_copy(cx->arena, buf_str(&members)), &none, &view);
}

static enum err save(struct cx *cx, const struct request *req, struct response *res,
		     const struct id *id)
{
	struct form form;
	struct form_errors errors = {0};
	struct people_group group = {.id = *id};
	TRY(form_parse(req->arena, req->body, &form));
	if (!id_is_empty(id))
		TRY(people_group_get(cx, id, &group));
	struct str name = form_value(&form, "name"), members = form_value(&form, "members");
	struct group_view view = {
		.id = *id,
		.name_now = group.name,
		.name = field_text(cx, "name", TEXT_GROUP_NAME, name),
	};
	enum err err = people_group_save(cx, id, name, members, &group, &errors);
	if (err == ERR_INVALID && errors.count > 0) {
		res->status = 422;
		return render(cx, res, members, &errors, &view);
	}
	TRY(err);
	response_redirect(res, STR("/people?done=group-saved"));
	return OK;
}

enum err group_page_create(struct cx *cx, const struct request *req, struct response *res)
{
	const struct id fresh = {0};
	return save(cx, req, res, &fresh);
}

enum err group_page_save(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	return save(cx, req, res, &id);
}

enum err group_page_delete(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(people_group_delete(cx, &id));
	response_redirect(res, STR("/people?done=group-deleted"));
	return OK;
}
