#include "web/sign_form.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/png_check.h"

static struct str named(struct cx *cx, const struct form *form, const char *kind, struct str id)
{
	return form_value(form, arena_printf(cx->arena, "%s.%.*s", kind, STR_ARGS(id)).data);
}

struct sign_value sign_form_value(struct cx *cx, const struct form *form, struct str field_id)
{
	struct str way = named(cx, form, "way", field_id);
	return (struct sign_value){
		.text = named(cx, form, "fields", field_id),
		.drawn = named(cx, form, "drawn", field_id),
		.is_drawn = str_eq(way, STR("draw")),
		.is_saved = str_eq(way, STR("saved")),
	};
}

/* Lives as long as the request. */
static void add_error(struct cx *cx, struct form_errors *errors, struct str id, enum text_id why)
{
	struct str field = arena_printf(cx->arena, "fields.%.*s", STR_ARGS(id));
	if (field.len > 0)
		form_error(cx, errors, field.data, why);
}

static enum pdf_field_kind kind_of(const struct signing_view *view, struct str id)
{
	for (size_t i = 0; i < view->my_field_count; i++) {
		if (str_eq(view->my_fields[i].id, id))
			return view->my_fields[i].kind;
	}
	return PDF_FIELD_TEXT;
}

/* What is kept is read once, into however many fields it goes. */
struct kept_marks {
	struct own_signature marks[OWN_INITIALS + 1];
	bool is_read[OWN_INITIALS + 1];
};

static enum err put_kept_in(struct cx *cx, const struct signing_view *view, struct kept_marks *kept,
			    struct signing_value *value)
{
	bool is_initials = kind_of(view, value->field_id) == PDF_FIELD_INITIALS;
	enum own_mark mark = is_initials ? OWN_INITIALS : OWN_SIGNATURE;
	if (!kept->is_read[mark])
		TRY(own_signature_get(cx, mark, &kept->marks[mark]));
	kept->is_read[mark] = true;
	value->text = kept->marks[mark].text;
	value->png = kept->marks[mark].png;
	return OK;
}

static enum err read_value(struct cx *cx, const struct form *form, const struct signing_view *view,
			   struct kept_marks *kept, struct signing_value *value,
			   struct form_errors *errors)
{
	struct sign_value given = sign_form_value(cx, form, value->field_id);
	value->text = given.text;
	if (given.is_saved)
		return put_kept_in(cx, view, kept, value);
	if (!given.is_drawn)
		return OK;
	/* Nothing drawn is nothing filled in, whatever stands in the line for typing. */
	value->text = STR_NONE;
	if (given.drawn.len == 0)
		return OK;
	enum err err = png_from_data_url(cx->arena, given.drawn, &value->png);
	if (err != ERR_INVALID && err != ERR_TOO_LARGE)
		return err;
	add_error(cx, errors, value->field_id,
		  err == ERR_INVALID ? TEXT_SIGN_NO_PICTURE : TEXT_OWN_SIGNATURE_TOO_LARGE);
	return OK;
}

static bool is_known(const struct signing_value *values, size_t count, struct str id)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq(values[i].field_id, id))
			return true;
	}
	return false;
}

/* The ids that the form names, each once. */
static size_t read_ids(const struct form *form, struct signing_value *values)
{
	const struct str kinds[] = {STR("fields."), STR("drawn."), STR("way.")};
	size_t count = 0;
	for (size_t i = 0; i < form->count && count <= LIMIT_SIGNING_FIELDS; i++) {
		struct str name = form->fields[i].name;
		for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
			if (!str_starts_with(name, kinds[kind]))
				continue;
			struct str id = str_slice(name, kinds[kind].len, name.len);
			if (!is_known(values, count, id))
				values[count++].field_id = id;
		}
	}
	return count;
}

enum err sign_form_read(struct cx *cx, const struct form *form, const struct signing_view *view,
			struct signing_act *ret, struct form_errors *errors)
{
	struct signing_value *values =
		ARENA_ARRAY(cx->arena, LIMIT_SIGNING_FIELDS + 1, struct signing_value);
	struct kept_marks kept = {.is_read = {false}};
	if (values == NULL)
		return ERR_UNAVAILABLE;
	size_t count = read_ids(form, values);
	for (size_t i = 0; i < count; i++)
		TRY(read_value(cx, form, view, &kept, &values[i], errors));
	*ret = (struct signing_act){
		.has_consented = str_eq(form_value(form, "consent"), STR("yes")),
		.consent_text = text_get(cx->language, TEXT_SIGN_CONSENT),
		.password = form_value(form, "password"),
		.values = values,
		.value_count = count,
	};
	return errors->count > 0 ? ERR_INVALID : OK;
}

static void keep_first(struct cx *cx, const struct signing_act *act,
		       const struct signing_view *view, enum pdf_field_kind kind,
		       enum own_mark mark)
{
	for (size_t i = 0; i < act->value_count; i++) {
		const struct signing_value *value = &act->values[i];
		struct own_signature own = {.png = value->png};
		struct form_errors ignored = {0};
		if (own.png.len == 0)
			own.text = value->text;
		if (kind_of(view, value->field_id) != kind || own.png.len + own.text.len == 0)
			continue;
		if (own_signature_keep(cx, mark, &own, &ignored) != OK)
			log_event(LOG_WARN, "signature.not_kept");
		return;
	}
}

void sign_form_keep(struct cx *cx, const struct signing_act *act, const struct signing_view *view)
{
	keep_first(cx, act, view, PDF_FIELD_SIGNATURE, OWN_SIGNATURE);
	keep_first(cx, act, view, PDF_FIELD_INITIALS, OWN_INITIALS);
}
