#include "web/address_page.h"

#include "core/people.h"
#include "core/user.h"
#include "http/form.h"
#include "web/page_address.h"
#include "web/page_refuse.h"
#include "web/refuse_page.h"
#include "web/when.h"

/* ---- whose ---- */

static bool is_administration(const struct cx *cx)
{
	return str_starts_with(str_of(cx->route), STR("/admin/"));
}

static enum err read_whose(const struct cx *cx, const struct request *req, struct id *ret)
{
	if (is_administration(cx))
		return id_parse(req->params[0], ret) == OK ? OK : ERR_NOT_FOUND;
	*ret = cx->session->user.id;
	return OK;
}

static enum err go_back(struct cx *cx, struct response *res, const struct id *id, const char *done)
{
	struct str path =
		is_administration(cx)
			? arena_printf(cx->arena, "/admin/users/%s/address?done=%s", id->text, done)
			: arena_printf(cx->arena, "/account/address?done=%s", done);
	response_redirect(res, path);
	return OK;
}

/* ---- what there is ---- */

static enum err fill_pending(struct cx *cx, const struct addresses *addresses,
			     struct addresses_view *view)
{
	view->pending_count = addresses->pending_count;
	view->pending = ARENA_ARRAY(cx->arena, addresses->pending_count + 1, struct address_part);
	if (view->pending == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < addresses->pending_count; i++) {
		const struct address_pending *pending = &addresses->pending[i];
		view->pending[i] = (struct address_part){
			.address = pending->address,
			.id = pending->id,
			.what = TEXT_FILL(cx->arena, cx->language,
					  pending->is_alias ? TEXT_ADDRESSES_PENDING_ALIAS
							    : TEXT_ADDRESSES_PENDING_MAIN,
					  TEXT_ARG("date", when_long(cx, pending->expires_ms))),
		};
	}
	return OK;
}

static struct str title_of(struct cx *cx, const struct user *user, bool is_own)
{
	if (is_own)
		return text_get(cx->language, TEXT_ADDRESSES_TITLE);
	return TEXT_FILL(cx->arena, cx->language, TEXT_ADDRESSES_TITLE_OF,
			 TEXT_ARG("name", user_label(user)));
}

static enum err show(struct cx *cx, const struct request *req, struct response *res,
		     const struct id *id, struct str typed, enum address_as as,
		     const struct form_errors *errors)
{
	struct addresses addresses;
	TRY(address_change_look(cx, id, &addresses));
	bool is_own = !is_administration(cx);
	struct addresses_view view = {
		.errors = errors,
		.is_own = is_own,
		.user_id = *id,
		.address = addresses.user.address,
		.aliases = addresses.aliases,
		.alias_count = addresses.alias_count,
		.may_ask = addresses.user.state == USER_ACTIVE,
		.field = field_email(cx, "address", TEXT_ADDRESSES_ADDRESS, typed),
		.as = as,
		.current =
			field_password(cx, "current", TEXT_ADDRESSES_CURRENT, "current-password"),
	};
	view.field.autocomplete = "off";
	field_mark(&view.field, errors);
	field_mark(&view.current, errors);
	TRY(fill_pending(cx, &addresses, &view));
	TRY(frame_init(cx, title_of(cx, &addresses.user, is_own),
		       is_own ? PLACE_ACCOUNT : PLACE_USERS, &view.frame));
	view.frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_addresses(&html, &view);
	return OK;
}

enum err address_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	const struct form_errors none = {.count = 0};
	struct id id;
	TRY(read_whose(cx, req, &id));
	/* One's own are changed with the password. */
	if (is_administration(cx) && id_eq(&id, &cx->session->user.id)) {
		response_redirect(res, STR("/account/address"));
		return OK;
	}
	return show(cx, req, res, &id, STR_NONE, ADDRESS_AS_MAIN, &none);
}

/* ---- asking ---- */

static enum address_as read_as(const struct form *form)
{
	struct str as = form_value(form, "as");
	if (str_eq(as, STR("alias")))
		return ADDRESS_AS_ALIAS;
	return str_eq(as, STR("alone")) ? ADDRESS_AS_ALONE : ADDRESS_AS_MAIN;
}

enum err address_page_ask(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct address_ask ask = {.is_alias = false};
	struct form form;
	TRY(read_whose(cx, req, &ask.user_id));
	TRY(form_parse(req->arena, req->body, &form));
	enum address_as as = read_as(&form);
	ask.address = str_trim(form_value(&form, "address"));
	ask.is_alias = as == ADDRESS_AS_ALIAS;
	ask.drops_old = as == ADDRESS_AS_ALONE;
	ask.password = form_value(&form, "current");
	enum err err = address_change_ask(cx, &ask, &errors);
	if (err == ERR_BUSY && errors.count == 0)
		form_error(cx, &errors, "", TEXT_ACCOUNT_SLOWED);
	if (err != OK && errors.count > 0) {
		res->status = err == ERR_BUSY ? 429 : 422;
		return show(cx, req, res, &ask.user_id, ask.address, as, &errors);
	}
	TRY(err);
	return go_back(cx, res, &ask.user_id, "address-asked");
}

/* What is gone meanwhile is as good. */
static enum err settle(struct cx *cx, struct response *res, const struct id *id, enum err err,
		       const char *done)
{
	if (err != ERR_NOT_FOUND)
		TRY(err);
	return go_back(cx, res, id, done);
}

enum err address_page_withdraw(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id, pending_id;
	TRY(read_whose(cx, req, &id));
	if (id_parse(req->params[is_administration(cx) ? 1 : 0], &pending_id) != OK)
		return ERR_NOT_FOUND;
	return settle(cx, res, &id, address_change_withdraw(cx, &id, &pending_id),
		      "address-withdrawn");
}

enum err address_page_remove(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct id id;
	TRY(read_whose(cx, req, &id));
	TRY(form_parse(req->arena, req->body, &form));
	return settle(cx, res, &id, address_change_remove(cx, &id, form_value(&form, "address")),
		      "address-removed");
}

/* ---- the link ---- */

static enum err refuse_unknown(struct cx *cx, struct response *res)
{
	struct refuse_view view = {.lead = text_get(cx->language, TEXT_ADDRESSES_UNKNOWN)};
	frame_init_plain(cx, text_get(cx->language, TEXT_REGISTER_UNKNOWN_TITLE), &view.frame);
	struct html html = frame_html(cx, res);
	page_refuse(&html, &view);
	res->status = 404;
	return OK;
}

static enum text_id link_title(const struct address_link *link)
{
	switch (link->state) {
	case ADDRESS_LINK_USED:
		return link->is_back ? TEXT_ADDRESSES_BACK_DONE_TITLE : TEXT_ADDRESSES_DONE_TITLE;
	case ADDRESS_LINK_EXPIRED: return TEXT_ADDRESSES_EXPIRED_TITLE;
	case ADDRESS_LINK_GOOD: break;
	}
	return link->is_back ? TEXT_ADDRESSES_BACK_TITLE : TEXT_ADDRESSES_CONFIRM_TITLE;
}

static enum err show_link(struct cx *cx, const struct request *req, struct response *res,
			  const struct form_errors *errors)
{
	struct address_link_view view = {
		.errors = errors,
		.token = req->params[0],
		.current = field_password(cx, "current", TEXT_ADDRESSES_CONFIRM_PASSWORD,
					  "current-password"),
	};
	enum err err = address_change_link(cx, req->params[0], &view.link);
	if (err == ERR_NOT_FOUND)
		return refuse_unknown(cx, res);
	TRY(err);
	frame_init_plain(cx, text_get(cx->language, link_title(&view.link)), &view.frame);
	view.frame.is_signed_in = false;
	field_mark(&view.current, errors);
	if (view.link.state == ADDRESS_LINK_EXPIRED)
		res->status = 410;
	struct html html = frame_html(cx, res);
	page_address_link(&html, &view);
	return OK;
}

enum err address_page_link_show(struct cx *cx, const struct request *req, struct response *res)
{
	const struct form_errors none = {.count = 0};
	return show_link(cx, req, res, &none);
}

enum err address_page_link_submit(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct form form;
	TRY(form_parse(req->arena, req->body, &form));
	enum err err =
		address_change_confirm(cx, req->params[0], form_value(&form, "current"), &errors);
	if (err == ERR_BUSY && errors.count == 0)
		form_error(cx, &errors, "", TEXT_ACCOUNT_SLOWED);
	if (err != OK && errors.count > 0) {
		res->status = err == ERR_BUSY ? 429 : 422;
		return show_link(cx, req, res, &errors);
	}
	/* What became of the link, its page says. */
	if (err != ERR_CONFLICT && err != ERR_NOT_FOUND)
		TRY(err);
	response_redirect(res, arena_printf(cx->arena, "/address/%.*s", STR_ARGS(req->params[0])));
	return OK;
}
