#include "web/compose_json.h"

#include "core/people_group.h"
#include "core/signing.h"
#include "web/compose_draft.h"
#include "web/compose_page.h"

#include <jansson.h>
#include <stdlib.h>

static void json_release(json_t **json)
{
	json_decref(*json);
}
#define CLEANUP_JSON __attribute__((cleanup(json_release)))

static json_t *string(struct str text)
{
	return json_stringn(text.data ? text.data : "", text.len);
}

static enum err respond(struct response *res, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	if (text == NULL)
		return ERR_UNAVAILABLE;
	buf_add(&res->body, str_of(text));
	free(text);
	res->content_type = STR("application/json");
	return OK;
}

static const char *state_word(enum addressee_state state)
{
	switch (state) {
	case ADDRESSEE_KNOWN: return "known";
	case ADDRESSEE_PENDING: return "pending";
	case ADDRESSEE_NEW: break;
	}
	return "new";
}

static json_t *list_people(const struct addressing *addressing)
{
	json_t *list = json_array();
	for (size_t i = 0; i < addressing->count; i++) {
		const struct addressee *person = &addressing->items[i];
		json_array_append_new(list, json_pack("{s:o, s:o, s:s, s:s, s:b}", "address",
						      string(person->address), "name",
						      string(person->name), "state",
						      state_word(person->state), "grade",
						      user_grade_word(person->grade), "by_rule",
						      (int)person->is_grade_by_rule));
	}
	return list;
}

static json_t *list_errors(const struct form_errors *errors)
{
	json_t *list = json_array();
	for (size_t i = 0; i < errors->count; i++)
		json_array_append_new(list, json_pack("{s:s, s:o}", "field", errors->items[i].field,
						      "detail", string(errors->items[i].detail)));
	return list;
}

enum err compose_json_people(struct cx *cx, const struct request *req, struct response *res)
{
	struct draft draft;
	struct addressing addressing = {0};
	struct form_errors errors = {0};
	TRY(compose_draft_read(cx, req, &draft));
	enum err err = message_address(cx, &draft, &addressing, &errors);
	if (err != OK && err != ERR_INVALID && err != ERR_TOO_LARGE)
		return err;
	struct str title = TEXT_FILL(cx->arena, cx->language, TEXT_COMPOSE_INVITED_TITLE,
				     TEXT_NUMBER("count", (int64_t)addressing.new_count));
	json_t *json CLEANUP_JSON =
		json_pack("{s:o, s:o, s:o, s:b}", "people", list_people(&addressing), "errors",
			  list_errors(&errors), "title", string(title), "is_many",
			  (int)compose_page_is_many(&addressing));
	return respond(res, json);
}

static json_t *list_suggested(const struct person *people, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list,
				      json_pack("{s:o, s:o, s:s}", "name", string(people[i].name),
						"address", string(people[i].address), "grade",
						user_grade_word(people[i].grade)));
	return list;
}

static json_t *list_groups(struct cx *cx, const struct people_group *groups, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		struct str members =
			TEXT_FILL(cx->arena, cx->language, TEXT_GROUP_MEMBERS_COUNT,
				  TEXT_NUMBER("count", (int64_t)groups[i].member_count));
		json_array_append_new(list, json_pack("{s:o, s:o}", "name", string(groups[i].name),
						      "members", string(members)));
	}
	return list;
}

enum err compose_json_suggest(struct cx *cx, const struct request *req, struct response *res)
{
	struct form query;
	struct person *people;
	struct people_group *groups;
	size_t count, group_count;
	TRY(form_parse(req->arena, req->query, &query));
	TRY(message_suggest(cx, form_value(&query, "q"), &people, &count));
	TRY(people_group_suggest(cx, form_value(&query, "q"), &groups, &group_count));
	struct str title = TEXT_FILL(cx->arena, cx->language, TEXT_COMPOSE_SUGGESTION_COUNT,
				     TEXT_NUMBER("count", (int64_t)(count + group_count)));
	json_t *json CLEANUP_JSON =
		json_pack("{s:o, s:o, s:o}", "people", list_suggested(people, count), "groups",
			  list_groups(cx, groups, group_count), "title", string(title));
	return respond(res, json);
}

enum err compose_json_inspect(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct id id;
	struct pdf_facts facts = {0};
	struct form_errors errors = {0};
	struct str pages = STR_NONE;
	TRY(form_parse(req->arena, req->body, &form));
	if (id_parse(form_value(&form, "file"), &id) != OK)
		return ERR_NOT_FOUND;
	enum err err = signing_inspect(cx, &id, &facts, &errors);
	if (err != OK && ((err != ERR_INVALID && err != ERR_BUSY) || errors.count == 0))
		return err;
	if (err == OK)
		pages = TEXT_FILL(cx->arena, cx->language, TEXT_PREPARE_PAGE_COUNT,
				  TEXT_NUMBER("count", (int64_t)facts.page_count));
	json_t *json CLEANUP_JSON =
		json_pack("{s:o, s:o}", "pages", string(pages), "said",
			  string(err == OK ? STR_NONE : errors.items[0].detail));
	return respond(res, json);
}
