#include "core/signing_values.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "core/png_check.h"

struct filling {
	struct cx *cx;
	const struct signing_case *one;
	const struct signing_act *act;
	int64_t now_ms;
	struct form_errors *errors;
};

static void tell(const struct filling *filling, struct str id, enum text_id sentence, int64_t count)
{
	struct cx *cx = filling->cx;
	const char *field = arena_cstr(cx->arena, arena_printf(cx->arena, "fields.%.*s",
							       STR_ARGS(form_error_quote(cx, id))));
	form_error(cx, filling->errors, field, sentence, TEXT_NUMBER("count", count));
}

/* ---- whose fields ---- */

static bool is_mine(const struct filling *filling, const struct signing_field *field)
{
	return str_eq(field->signer, id_str(&filling->cx->session->user.id));
}

static bool wants_block(const struct filling *filling)
{
	return !signing_case_has_place(filling->one, &filling->cx->session->user.id);
}

static const struct signing_field *field_of(const struct filling *filling, struct str id)
{
	const struct signing_plan *plan = &filling->one->plan;
	for (size_t i = 0; i < plan->field_count; i++)
		if (str_eq(plan->fields[i].id, id))
			return &plan->fields[i];
	return NULL;
}

static bool is_twice(const struct signing_act *act, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_eq(act->values[i].field_id, act->values[at].field_id))
			return true;
	return false;
}

static void check_ids(const struct filling *filling)
{
	const struct signing_act *act = filling->act;
	for (size_t i = 0; i < act->value_count && filling->errors->count < FORM_ERRORS_MAX; i++) {
		struct str id = act->values[i].field_id;
		const struct signing_field *field = field_of(filling, id);
		bool is_block = wants_block(filling) && str_eq(id, signing_case_block_id);
		if (is_twice(act, i))
			tell(filling, id, TEXT_SIGNING_FIELD_TWICE, 0);
		else if (field == NULL && !is_block)
			tell(filling, id, TEXT_SIGNING_FIELD_UNKNOWN, 0);
		else if (!is_block && !is_mine(filling, field))
			tell(filling, id, TEXT_SIGNING_FIELD_NOT_YOURS, 0);
	}
}

static struct signing_value value_of(const struct filling *filling, struct str id)
{
	for (size_t i = 0; i < filling->act->value_count; i++)
		if (str_eq(filling->act->values[i].field_id, id))
			return filling->act->values[i];
	return (struct signing_value){.field_id = id};
}

/* ---- what is in them ---- */

static int64_t longest(enum pdf_field_kind kind)
{
	return kind == PDF_FIELD_TEXT ? LIMIT_SIGNING_TEXT_CHARS : LIMIT_SIGNING_NAME_CHARS;
}

static bool may_be_drawn(enum pdf_field_kind kind)
{
	return kind == PDF_FIELD_SIGNATURE || kind == PDF_FIELD_INITIALS;
}

/* What the portal knows by itself. */
static struct str known_text(const struct filling *filling, enum pdf_field_kind kind)
{
	const struct cx *cx = filling->cx;
	const struct user *self = &cx->session->user;
	if (kind == PDF_FIELD_NAME)
		return user_label(self);
	if (kind != PDF_FIELD_DATE)
		return STR_NONE;
	return format_date(cx->arena, cx->language, self->zone, filling->now_ms);
}

/* Nothing is guessed: neither what else than a tick is in a check box, nor a tick in place of
 * words. */
static bool is_of_kind(const struct signing_value *value, struct str text, enum pdf_field_kind kind)
{
	if (kind == PDF_FIELD_CHECK)
		return text.len == 0 || str_eq(text, STR("on"));
	return !value->is_flag;
}

/* An empty one: nothing is drawn. */
static struct pdf_mark mark_of(const struct filling *filling, const struct signing_field *field)
{
	struct signing_value value = value_of(filling, field->id);
	struct pdf_mark mark = {.field_id = field->id, .text = str_trim(value.text)};
	if (value.png.len > 0) {
		if (!may_be_drawn(field->kind) || png_check(value.png) != OK)
			tell(filling, field->id, TEXT_SIGNING_PICTURE_BAD, 0);
		mark.png = value.png;
		mark.text = STR_NONE;
		return mark;
	}
	/* Nobody signs on another day than today. */
	if (mark.text.len == 0 || field->kind == PDF_FIELD_DATE)
		mark.text = known_text(filling, field->kind);
	if (!is_of_kind(&value, mark.text, field->kind))
		tell(filling, field->id,
		     value.is_flag ? TEXT_SIGNING_FIELD_NO_TICK : TEXT_SIGNING_FIELD_ONLY_TICK, 0);
	else if (!utf8_is_line(mark.text) || (int64_t)utf8_count(mark.text) > longest(field->kind))
		tell(filling, field->id, TEXT_SIGNING_FIELD_LONGEST, longest(field->kind));
	else if (mark.text.len == 0 && field->is_required)
		tell(filling, field->id, TEXT_SIGNING_FIELD_MISSING, 0);
	return mark;
}

/* ---- */

static void fill(const struct filling *filling, struct signing_marks *marks)
{
	const struct signing_case *one = filling->one;
	for (size_t i = 0; i < one->plan.field_count; i++) {
		const struct signing_field *field = &one->plan.fields[i];
		if (!is_mine(filling, field) || field->file >= one->signing.document_count)
			continue;
		struct pdf_mark mark = mark_of(filling, field);
		struct signing_marks *of = &marks[field->file];
		if (mark.text.len > 0 || mark.png.len > 0)
			of->items[of->count++] = mark;
	}
}

/* Where a document has no place for this signer's signature, there is one on its certificate page;
 * it shows the same as their first place, or their name. */
static void fill_blocks(const struct filling *filling, struct signing_marks *marks)
{
	const struct signing_case *one = filling->one;
	struct signing_field block = {.id = signing_case_block_id, .kind = PDF_FIELD_SIGNATURE};
	struct pdf_mark mark = {.field_id = STR_NONE};
	bool *has_place =
		ARENA_ARRAY(filling->cx->arena, (size_t)one->signing.document_count, bool);
	if (has_place == NULL)
		return;
	if (wants_block(filling))
		mark = mark_of(filling, &block);
	for (size_t i = 0; i < one->plan.field_count; i++) {
		const struct signing_field *field = &one->plan.fields[i];
		if (!is_mine(filling, field) || field->kind != PDF_FIELD_SIGNATURE ||
		    field->file >= one->signing.document_count)
			continue;
		has_place[field->file] = true;
		if (mark.text.len == 0 && mark.png.len == 0)
			mark = mark_of(filling, field);
	}
	if (mark.text.len == 0 && mark.png.len == 0)
		mark.text = user_label(&filling->cx->session->user);
	mark.field_id = STR_NONE;
	for (int64_t i = 0; i < one->signing.document_count; i++)
		if (!has_place[i])
			marks[i].items[marks[i].count++] = mark;
}

enum err signing_values_check(struct cx *cx, const struct signing_case *one,
			      const struct signing_act *act, int64_t now_ms,
			      struct signing_marks **ret, struct form_errors *errors)
{
	const struct filling filling = {cx, one, act, now_ms, errors};
	size_t documents = (size_t)one->signing.document_count;
	struct signing_marks *marks = ARENA_ARRAY(cx->arena, documents + 1, struct signing_marks);
	for (size_t i = 0; marks && i < documents; i++)
		marks[i].items = ARENA_ARRAY(cx->arena, one->plan.field_count + 1, struct pdf_mark);
	if (cx->arena->failed)
		return ERR_UNAVAILABLE;
	if (!act->has_consented)
		form_error(cx, errors, "consent", TEXT_SIGNING_CONSENT_MISSING);
	check_ids(&filling);
	if (errors->count == 0)
		fill(&filling, marks);
	if (errors->count == 0)
		fill_blocks(&filling, marks);
	*ret = marks;
	return errors->count > 0 ? ERR_INVALID : OK;
}
