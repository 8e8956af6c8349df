#include "api/api_addresses.h"

#include "api/api_body.h"
#include "api/json_write.h"
#include "api/problem.h"
#include "core/address_change.h"
#include "core/session.h"

/* ---- whose ---- */

static bool is_own(const struct cx *cx)
{
	return str_starts_with(str_of(cx->route), STR("/api/v1/me/"));
}

static enum err read_whose(const struct cx *cx, const struct request *req, struct id *ret)
{
	if (!is_own(cx))
		return id_parse(req->params[0], ret) == OK ? OK : ERR_NOT_FOUND;
	*ret = cx->session->user.id;
	return OK;
}

/* What the path names below the person. */
static struct str named(const struct cx *cx, const struct request *req)
{
	return req->params[is_own(cx) ? 0 : 1];
}

/* ---- reading ---- */

static void write_addresses(struct json_write *write, const struct addresses *addresses)
{
	json_write_object(write, NULL);
	json_write_text(write, "address", addresses->user.address);
	json_write_list(write, "aliases");
	for (size_t i = 0; i < addresses->alias_count; i++) {
		json_write_object(write, NULL);
		json_write_text(write, "address", addresses->aliases[i].address);
		json_write_time(write, "created_at", addresses->aliases[i].created_ms);
		json_write_object_end(write);
	}
	json_write_list_end(write);
	json_write_list(write, "pending");
	for (size_t i = 0; i < addresses->pending_count; i++) {
		const struct address_pending *pending = &addresses->pending[i];
		json_write_object(write, NULL);
		json_write_id(write, "id", &pending->id);
		json_write_text(write, "address", pending->address);
		json_write_bool(write, "is_alias", pending->is_alias);
		json_write_bool(write, "keep_old", pending->is_alias || pending->keeps_old);
		json_write_time(write, "created_at", pending->created_ms);
		json_write_time(write, "expires_at", pending->expires_ms);
		json_write_object_end(write);
	}
	json_write_list_end(write);
	json_write_object_end(write);
}

static enum err answer(struct cx *cx, struct response *res, const struct id *id)
{
	struct json_write write = {.out = &res->body};
	struct addresses addresses;
	TRY(address_change_look(cx, id, &addresses));
	res->content_type = STR("application/json");
	write_addresses(&write, &addresses);
	return OK;
}

enum err api_addresses_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	TRY(read_whose(cx, req, &id));
	return answer(cx, res, &id);
}

/* ---- asking ---- */

static enum err tell(struct cx *cx, struct response *res, enum err err, struct form_errors *errors)
{
	if (errors->count == 0)
		return err;
	for (size_t i = 0; i < errors->count; i++)
		if (str_eq(str_of(errors->items[i].field), STR("current")))
			errors->items[i].field = "password"; /* its name here */
	if (err == ERR_BUSY)
		problem_answer_sentence(cx, res, PROBLEM_BUSY, errors->items[0].detail);
	else if (err == ERR_CONFLICT || err == ERR_DENIED)
		problem_answer_sentence(cx, res, PROBLEM_CONFLICT, errors->items[0].detail);
	else if (err == ERR_INVALID)
		problem_answer(cx, res, PROBLEM_MISTAKES, errors);
	else
		return err;
	return OK;
}

static enum err ask(struct json_read *read, struct address_ask *asked, struct response *res)
{
	struct cx *cx = read->cx;
	asked->address = json_read_text(read, "address", REQUIRED);
	if (is_own(cx))
		asked->password = json_read_text(read, "password", REQUIRED);
	enum err err = json_read_end(read);
	if (err == OK)
		err = address_change_ask(cx, asked, read->errors);
	if (err != OK)
		return tell(cx, res, err, read->errors);
	res->status = 202;
	return answer(cx, res, &asked->user_id);
}

static enum err add(struct json_read *read, const struct request *req, struct response *res)
{
	struct address_ask asked = {.is_alias = true};
	TRY(read_whose(read->cx, req, &asked.user_id));
	return ask(read, &asked, res);
}

enum err api_addresses_add(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, add);
}

static enum err change(struct json_read *read, const struct request *req, struct response *res)
{
	struct address_ask asked = {.is_alias = false};
	TRY(read_whose(read->cx, req, &asked.user_id));
	return ask(read, &asked, res);
}

enum err api_addresses_change(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, change);
}

enum err api_addresses_patch(struct json_read *read, const struct user *user, struct response *res)
{
	struct address_ask asked = {.user_id = user->id};
	if (json_read_has(read, "keep_old"))
		asked.drops_old = !json_read_bool(read, "keep_old", REQUIRED);
	/* One's own: with the password (PUT /me/address). */
	if (id_eq(&user->id, &read->cx->session->user.id))
		return ERR_DENIED;
	return ask(read, &asked, res);
}

/* ---- taking back ---- */

enum err api_addresses_remove(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	TRY(read_whose(cx, req, &id));
	TRY(address_change_remove(cx, &id, named(cx, req)));
	res->status = 204;
	return OK;
}

enum err api_addresses_withdraw(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id, pending_id;
	TRY(read_whose(cx, req, &id));
	if (id_parse(named(cx, req), &pending_id) != OK)
		return ERR_NOT_FOUND;
	TRY(address_change_withdraw(cx, &id, &pending_id));
	res->status = 204;
	return OK;
}

/* ---- links ---- */

static struct str state_word(enum address_link_state state)
{
	switch (state) {
	case ADDRESS_LINK_USED: return STR("used");
	case ADDRESS_LINK_EXPIRED: return STR("expired");
	case ADDRESS_LINK_GOOD: break;
	}
	return STR("good");
}

enum err api_addresses_link_get(struct cx *cx, const struct request *req, struct response *res)
{
	struct json_write write = {.out = &res->body};
	struct address_link link;
	TRY(address_change_link(cx, req->params[0], &link));
	res->content_type = STR("application/json");
	json_write_object(&write, NULL);
	json_write_text(&write, "state", state_word(link.state));
	json_write_text(&write, "address", link.address);
	json_write_bool(&write, "is_alias", link.is_alias);
	json_write_bool(&write, "turns_back", link.is_back);
	json_write_bool(&write, "needs_password", link.needs_password);
	json_write_object_end(&write);
	return OK;
}

static enum err confirm(struct json_read *read, const struct request *req, struct response *res)
{
	struct cx *cx = read->cx;
	struct address_link link;
	struct str password = json_read_text(read, "password", OPTIONAL);
	enum err err = json_read_end(read);
	if (err == OK)
		err = address_change_confirm(cx, req->params[0], password, read->errors);
	if (err == ERR_CONFLICT) {
		TRY(address_change_link(cx, req->params[0], &link));
		problem_answer_sentence(cx, res, PROBLEM_CONFLICT,
					text_get(cx->language, link.state == ADDRESS_LINK_USED
								       ? TEXT_ADDRESSES_LINK_USED
								       : TEXT_ADDRESSES_LINK_OVER));
		return OK;
	}
	if (err != OK)
		return tell(cx, res, err, read->errors);
	res->status = 204;
	return OK;
}

enum err api_addresses_link_confirm(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read_if_any(cx, req, res, confirm);
}
