#include "web/sign_fields.h"

#include "base/limits.h"
#include "base/utf8.h"

static struct str label_of(struct cx *cx, const struct signing_field *field)
{
	static const enum text_id labels[] = {
		[PDF_FIELD_SIGNATURE] = TEXT_SIGN_SIGNATURE,
		[PDF_FIELD_INITIALS] = TEXT_SIGN_INITIALS,
		[PDF_FIELD_NAME] = TEXT_SIGN_NAME,
		[PDF_FIELD_DATE] = TEXT_SIGN_DATE,
		[PDF_FIELD_TEXT] = TEXT_SIGN_TEXT,
		[PDF_FIELD_CHECK] = TEXT_SIGN_CHECK,
	};
	bool has_own = field->kind == PDF_FIELD_TEXT || field->kind == PDF_FIELD_CHECK;
	return has_own && field->label.len > 0 ? field->label
					       : text_get(cx->language, labels[field->kind]);
}

bool sign_fields_is_block(const struct signing_field *field)
{
	return field->kind == PDF_FIELD_SIGNATURE && field->box.width <= 0;
}

static struct str where_of(struct cx *cx, const struct signing_view *view,
			   const struct signing_field *field)
{
	if (sign_fields_is_block(field))
		return text_get(cx->language, TEXT_SIGN_WHERE_END);
	if (view->document_count == 1 || field->file < 0 ||
	    (size_t)field->file >= view->document_count)
		return TEXT_FILL(cx->arena, cx->language, TEXT_SIGN_WHERE_ONE,
				 TEXT_NUMBER("page", field->box.page));
	return TEXT_FILL(cx->arena, cx->language, TEXT_SIGN_WHERE,
			 TEXT_ARG("name", view->documents[field->file].name),
			 TEXT_NUMBER("page", field->box.page));
}

struct str sign_fields_initials(struct cx *cx, struct str name)
{
	struct buf CLEANUP_BUF letters;
	struct str word;
	buf_init(&letters, LIMIT_SIGNING_NAME_CHARS * 4);
	while (str_next(&name, ' ', &word))
		buf_add(&letters, utf8_first(word, 1));
	return arena_copy(cx->arena, buf_str(&letters));
}

/* What stands in a field at first. Its signature everybody puts in by an act of their own. */
static struct str first_value(struct cx *cx, enum pdf_field_kind kind)
{
	if (kind == PDF_FIELD_NAME)
		return cx->session->user.name;
	if (kind == PDF_FIELD_INITIALS)
		return sign_fields_initials(cx, cx->session->user.name);
	return STR_NONE;
}

static struct str points(struct cx *cx, double value)
{
	return arena_printf(cx->arena, "%.2f", value);
}

static void fill_field(struct cx *cx, const struct signing_view *view, const struct form *form,
		       const struct form_errors *errors, struct sign_field *ret)
{
	const struct signing_field *field = ret->field;
	const struct pdf_box *box = &field->box;
	struct str name = arena_printf(cx->arena, "fields.%.*s", STR_ARGS(field->id));
	ret->label = label_of(cx, field);
	ret->where = where_of(cx, view, field);
	ret->x = points(cx, box->x);
	ret->y = points(cx, box->y);
	ret->width = points(cx, box->width);
	ret->height = points(cx, box->height);
	ret->is_initials = field->kind == PDF_FIELD_INITIALS;
	ret->is_mark = ret->is_initials || field->kind == PDF_FIELD_SIGNATURE;
	ret->is_required = sign_fields_is_block(field) ||
			   (field->is_required && field->kind != PDF_FIELD_DATE);
	if (form)
		ret->value = sign_form_value(cx, form, field->id);
	else
		ret->value.text = first_value(cx, field->kind);
	if (name.len > 0)
		ret->error = form_errors_for(errors, name.data);
}

/* In the order in which one reads: by document, page and place. */
static bool comes_before(const struct signing_field *a, const struct signing_field *b)
{
	if (sign_fields_is_block(a) != sign_fields_is_block(b))
		return sign_fields_is_block(b);
	if (a->file != b->file)
		return a->file < b->file;
	if (a->box.page != b->box.page)
		return a->box.page < b->box.page;
	/* Beside each other: what begins at about the same height. */
	if (a->box.y + a->box.height / 2 < b->box.y)
		return true;
	if (b->box.y + b->box.height / 2 < a->box.y)
		return false;
	return a->box.x < b->box.x;
}

static void sort_fields(struct sign_field *fields, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct sign_field moved = fields[i];
		size_t at = i;
		for (; at > 0 && comes_before(moved.field, fields[at - 1].field); at--)
			fields[at] = fields[at - 1];
		fields[at] = moved;
	}
}

enum err sign_fields_fill(struct cx *cx, const struct signing_view *signing,
			  const struct form *form, struct sign_view *view)
{
	struct own_signature signature, initials;
	int64_t steps = 0;
	TRY(own_signature_get(cx, OWN_SIGNATURE, &signature));
	TRY(own_signature_get(cx, OWN_INITIALS, &initials));
	view->fields = ARENA_ARRAY(cx->arena, signing->my_field_count + 1, struct sign_field);
	if (view->fields == NULL)
		return ERR_UNAVAILABLE;
	view->field_count = signing->my_field_count;
	for (size_t i = 0; i < view->field_count; i++)
		view->fields[i].field = &signing->my_fields[i];
	sort_fields(view->fields, view->field_count);
	for (size_t i = 0; i < view->field_count; i++) {
		struct sign_field *field = &view->fields[i];
		fill_field(cx, signing, form, view->errors, field);
		const struct own_signature *own = field->is_initials ? &initials : &signature;
		field->has_saved = field->is_mark && own->png.len + own->text.len > 0;
		field->saved_text = own->text;
		view->can_save |= field->is_mark;
		steps += field->field->kind != PDF_FIELD_DATE;
	}
	view->ahead = TEXT_FILL(cx->arena, cx->language, TEXT_SIGN_FIELDS_AHEAD,
				TEXT_NUMBER("count", steps));
	return OK;
}
