#include "core/signing_template.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/address.h"
#include "core/fold.h"
#include "core/packed.h"
#include "core/policy.h"
#include "core/signing_kept.h"
#include "core/signing_plan.h"

#include <stdlib.h>

/* The plain text: its format, the name, how many signers and documents, the plan. */
enum { TEMPLATE_FORMAT = 1 };

static enum err check_may(const struct cx *cx)
{
	return policy_may(cx, ACT_REQUEST_SIGNATURES) ? OK : ERR_DENIED;
}

/* ---- reading ---- */

static enum err unpack(struct cx *cx, const struct id *id, struct str plain,
		       struct signing_template *ret)
{
	struct packed packed = packed_begin(plain, TEMPLATE_FORMAT);
	struct signing_template template = {.id = *id, .name = packed_text(&packed)};
	template.signer_count = packed_int(&packed);
	template.document_count = packed_int(&packed);
	TRY(signing_plan_unpack(cx->arena, &packed, &template.plan));
	template.field_count = template.plan.field_count;
	if (!packed_is_whole(&packed))
		return ERR_CORRUPT;
	*ret = template;
	return OK;
}

static enum err open_row(struct cx *cx, const struct kept_row *row, struct signing_template *ret)
{
	struct str plain;
	TRY(signing_kept_open(cx, row, &plain));
	return unpack(cx, &row->id, plain, ret);
}

static int compare_names(const void *left, const void *right)
{
	const struct signing_template *a = left, *b = right;
	return str_compare(a->name, b->name);
}

/* All but its fields: of all templates they are more than a request has memory for. */
static enum err look(struct cx *cx, struct db *db, const struct id *id,
		     struct signing_template *ret)
{
	struct arena scratch CLEANUP_ARENA;
	struct cx apart = *cx;
	struct kept_row row;
	arena_init(&scratch, LIMIT_REQUEST_ARENA);
	apart.arena = &scratch;
	TRY(signing_kept_get(db, &scratch, &cx->session->user.id, KEPT_TEMPLATE, id, &row));
	TRY(open_row(&apart, &row, ret));
	ret->name = arena_copy(cx->arena, ret->name);
	ret->plan.deadline = STR_NONE;
	ret->plan.fields = NULL;
	ret->plan.field_count = 0;
	return cx->arena->failed ? ERR_UNAVAILABLE : OK;
}

static enum err list_templates(struct cx *cx, struct signing_template **ret, size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	struct id *ids;
	size_t count, kept = 0;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(signing_kept_of_user(db, cx->arena, &cx->session->user.id, KEPT_TEMPLATE, &ids,
				 &count));
	struct signing_template *templates =
		ARENA_ARRAY(cx->arena, count + 1, struct signing_template);
	if (templates == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		enum err err = look(cx, db, &ids[i], &templates[kept]);
		kept += err == OK;
		/* Deleted meanwhile, or one that fails its check. */
		if (err != ERR_CORRUPT && err != ERR_NOT_FOUND)
			TRY(err);
	}
	*ret = templates;
	*ret_count = kept;
	return OK;
}

enum err signing_template_list(struct cx *cx, struct signing_template **ret, size_t *ret_count)
{
	struct signing_template *templates;
	size_t kept;
	TRY(check_may(cx));
	TRY(list_templates(cx, &templates, &kept));
	if (kept > 1)
		qsort(templates, kept, sizeof(*templates), compare_names);
	*ret = templates;
	*ret_count = kept;
	return OK;
}

enum err signing_template_get(struct cx *cx, const struct id *id, struct signing_template *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct kept_row row;
	TRY(check_may(cx));
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(signing_kept_get(db, cx->arena, &cx->session->user.id, KEPT_TEMPLATE, id, &row));
	return open_row(cx, &row, ret);
}

/* ---- names ---- */

static enum err check_is_free(struct cx *cx, const struct id *id, struct str name,
			      struct form_errors *errors)
{
	struct signing_template *templates;
	struct str folded, other;
	size_t count;
	TRY(signing_template_list(cx, &templates, &count));
	TRY(fold_text(cx->arena, name, &folded));
	for (size_t i = 0; i < count; i++) {
		TRY(fold_text(cx->arena, templates[i].name, &other));
		if (str_eq(folded, other) && !id_eq(&templates[i].id, id))
			form_error(cx, errors, "name", TEXT_SIGNING_TEMPLATE_NAME_TAKEN,
				   TEXT_ARG("name", templates[i].name));
	}
	return OK;
}

static enum err check_name(struct cx *cx, const struct id *id, struct str typed, struct str *ret,
			   struct form_errors *errors)
{
	struct str name = str_trim(typed);
	if (name.len == 0)
		form_error(cx, errors, "name", TEXT_SIGNING_TEMPLATE_NAME_MISSING);
	else if (!utf8_is_line(name))
		form_error(cx, errors, "name", TEXT_SIGNING_TEMPLATE_NAME_UNREADABLE);
	else if (utf8_count(name) > LIMIT_SIGNING_LABEL_CHARS)
		form_error(cx, errors, "name", TEXT_SIGNING_TEMPLATE_NAME_LONG,
			   TEXT_NUMBER("count", LIMIT_SIGNING_LABEL_CHARS));
	else
		TRY(check_is_free(cx, id, name, errors));
	return errors->count > 0 ? ERR_INVALID : fold_nfc(cx->arena, name, ret);
}

/* ---- writing ---- */

static enum err write_template(struct cx *cx, struct signing_template *template,
			       struct form_errors *errors)
{
	struct buf plain CLEANUP_BUF;
	buf_init(&plain, LIMIT_BODY_MESSAGE);
	buf_add_char(&plain, TEMPLATE_FORMAT);
	packed_add_text(&plain, template->name);
	packed_add_int(&plain, (uint32_t) template->signer_count);
	packed_add_int(&plain, (uint32_t) template->document_count);
	signing_plan_pack(&plain, &template->plan);
	TRY(plain.err);
	enum err err = signing_kept_write(cx, KEPT_TEMPLATE, &template->id, buf_str(&plain),
					  LIMIT_SIGNING_TEMPLATES, &template->id);
	if (err != ERR_TOO_LARGE)
		return err == ERR_CONFLICT ? ERR_BUSY : err;
	form_error(cx, errors, "", TEXT_SIGNING_TEMPLATE_LIMIT,
		   TEXT_NUMBER("count", LIMIT_SIGNING_TEMPLATES));
	return ERR_INVALID;
}

/* Those in To, as they were typed; what is no address has a place too. */
static enum err people_of(struct cx *cx, const struct draft *draft, struct address **ret,
			  size_t *ret_count)
{
	enum err err = address_parse_list(cx->arena, draft->to, LIMIT_RECIPIENTS, ret, ret_count);
	if (err == ERR_TOO_LARGE)
		*ret_count = 0;
	return err == ERR_TOO_LARGE ? OK : err;
}

/* From 1; 0: not among them. */
static enum err place_of(struct cx *cx, const struct address *people, size_t count,
			 struct str signer, size_t *ret)
{
	struct address address;
	enum err err = address_parse(cx->arena, signer, &address);
	*ret = 0;
	if (err == ERR_INVALID)
		return OK;
	TRY(err);
	for (size_t i = 0; i < count && *ret == 0; i++)
		if (str_eq(people[i].key, address.key))
			*ret = i + 1;
	return OK;
}

/* With places for the addresses. */
static enum err take_fields(struct cx *cx, const struct draft *draft, struct signing_template *ret)
{
	const struct signing_plan *plan = draft->signing;
	struct address *people;
	size_t count, place;
	TRY(people_of(cx, draft, &people, &count));
	ret->plan = *plan;
	ret->plan.deadline = STR_NONE;
	ret->plan.field_count = 0;
	ret->plan.fields = ARENA_ARRAY(cx->arena, plan->field_count + 1, struct signing_field);
	if (ret->plan.fields == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < plan->field_count; i++) {
		struct signing_field *field = &ret->plan.fields[ret->plan.field_count];
		*field = plan->fields[i];
		TRY(place_of(cx, people, count, field->signer, &place));
		if (place == 0)
			continue;
		field->signer = arena_printf(cx->arena, "%zu", place);
		ret->plan.field_count++;
		if (place > ret->signer_count)
			ret->signer_count = place;
		if ((size_t)field->file + 1 > ret->document_count)
			ret->document_count = (size_t)field->file + 1;
	}
	ret->field_count = ret->plan.field_count;
	return OK;
}

enum err signing_template_keep(struct cx *cx, struct str name, const struct draft *draft,
			       struct signing_template *ret, struct form_errors *errors)
{
	struct signing_template template = {.name = STR_NONE};
	TRY(check_may(cx));
	if (draft->signing == NULL)
		form_error(cx, errors, "", TEXT_SIGNING_TEMPLATE_NO_PLAN);
	else
		signing_plan_check_size(cx, draft, errors);
	TRY(check_name(cx, &template.id, name, &template.name, errors));
	TRY(take_fields(cx, draft, &template));
	TRY(write_template(cx, &template, errors));
	*ret = template;
	return OK;
}

enum err signing_template_rename(struct cx *cx, const struct id *id, struct str name,
				 struct form_errors *errors)
{
	struct signing_template template;
	TRY(signing_template_get(cx, id, &template));
	TRY(check_name(cx, id, name, &template.name, errors));
	return write_template(cx, &template, errors);
}

enum err signing_template_delete(struct cx *cx, const struct id *id)
{
	TRY(check_may(cx));
	return signing_kept_remove(cx, KEPT_TEMPLATE, id);
}

/* ---- using ---- */

/* False: the draft lacks the person or the document. */
static bool give_field(struct signing_field *field, const struct draft *draft,
		       const struct address *people, size_t count)
{
	int64_t place;
	if (field->file >= (int64_t)draft->file_count || !str_to_int(field->signer, &place) ||
	    place < 1 || place > (int64_t)count || people[place - 1].key.len == 0)
		return false;
	field->signer = people[place - 1].text;
	return true;
}

enum err signing_template_use(struct cx *cx, const struct signing_template *from,
			      const struct draft *draft, const struct signing_plan **ret,
			      size_t *ret_left_out)
{
	struct signing_plan *plan = ARENA_ARRAY(cx->arena, 1, struct signing_plan);
	struct address *people;
	size_t count;
	TRY(people_of(cx, draft, &people, &count));
	struct signing_field *fields =
		ARENA_ARRAY(cx->arena, from->plan.field_count + 1, struct signing_field);
	if (cx->arena->failed)
		return ERR_UNAVAILABLE;
	*plan = from->plan;
	plan->deadline = draft->signing ? draft->signing->deadline : STR_NONE;
	plan->fields = fields;
	plan->field_count = 0;
	for (size_t i = 0; i < from->plan.field_count; i++) {
		fields[plan->field_count] = from->plan.fields[i];
		plan->field_count += give_field(&fields[plan->field_count], draft, people, count);
	}
	*ret_left_out = from->plan.field_count - plan->field_count;
	*ret = plan;
	return OK;
}
