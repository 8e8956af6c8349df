#include "api/api_signing_read.h"

#include "api/api_options.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/address.h"
#include "core/png_check.h"
#include "core/signing_plan.h"
#include "core/signing_template.h"

struct reading {
	struct json_read *read;
	struct draft *draft;
	struct signing_plan *plan;
};

/* ---- fields ---- */

static enum pdf_field_kind read_kind(struct json_read *item)
{
	enum pdf_field_kind kind = PDF_FIELD_SIGNATURE;
	size_t errors = item->errors->count;
	struct str word = json_read_text(item, "type", REQUIRED);
	if (item->errors->count == errors && signing_plan_kind_parse(word, &kind) != OK)
		json_read_tell(item, "type", TEXT_JSON_TYPE_UNKNOWN);
	return kind;
}

/* With one document it need not be named. */
static int64_t read_file(struct json_read *item, const struct draft *draft)
{
	struct id id;
	bool is_needed = draft->file_count != 1;
	struct str text = json_read_text(item, "file", is_needed ? REQUIRED : OPTIONAL);
	if (text.data == NULL)
		return 0;
	if (id_parse(text, &id) == OK)
		for (size_t i = 0; i < draft->file_count; i++)
			if (id_eq(&draft->files[i], &id))
				return (int64_t)i;
	json_read_tell(item, "file", TEXT_JSON_FILE_NOT_OF_REQUEST);
	return 0;
}

static double read_points(struct json_read *item, const char *field)
{
	return signing_plan_round(
		json_read_number(item, field, 0, LIMIT_PDF_PAGE_POINTS, REQUIRED));
}

/* signer NULL: the field says it itself. */
static enum err read_field(struct json_read *item, const struct draft *draft,
			   const struct str *signer, struct signing_field *ret)
{
	struct signing_field field = {.id = json_read_text(item, "id", REQUIRED)};
	field.kind = read_kind(item);
	field.signer = signer ? *signer : json_read_text(item, "signer", REQUIRED);
	field.file = read_file(item, draft);
	field.box.page = json_read_whole(item, "page", 1, LIMIT_PDF_PAGES, REQUIRED);
	field.box.x = read_points(item, "x");
	field.box.y = read_points(item, "y");
	field.box.width = read_points(item, "width");
	field.box.height = read_points(item, "height");
	field.is_required =
		json_read_has(item, "required") ? json_read_bool(item, "required", OPTIONAL) : true;
	field.label = json_read_text(item, "label", OPTIONAL);
	*ret = field;
	enum err err = json_read_end(item);
	return err == ERR_INVALID ? OK : err;
}

static enum err read_fields(struct reading *reading, struct json_read *from,
			    const struct str *signer)
{
	struct signing_plan *plan = reading->plan;
	struct json_read *items;
	size_t count, left = LIMIT_SIGNING_FIELDS - plan->field_count;
	TRY(json_read_objects(from, "fields", left, &items, &count));
	for (size_t i = 0; i < count; i++)
		TRY(read_field(&items[i], reading->draft, signer,
			       &plan->fields[plan->field_count++]));
	return OK;
}

/* ---- signers ---- */

/* One address and nothing else, that no comma or line end smuggles another in. */
static enum err check_address(struct json_read *item, struct str email, struct str *ret_key)
{
	struct cx *cx = item->cx;
	struct address address;
	enum err err = address_parse(cx->arena, email, &address);
	if (err == ERR_INVALID || str_find_char(email, '\n') >= 0) {
		struct str name = arena_printf(cx->arena, "%semail", item->path);
		form_error(cx, item->errors, arena_cstr(cx->arena, name), TEXT_ERROR_ADDRESS_BAD,
			   TEXT_ARG("address", form_error_quote(cx, email)));
		return OK;
	}
	if (err == OK)
		*ret_key = address.key;
	return err;
}

/* Nobody signs in two places of the order. */
static void check_twice(struct json_read *items, const struct str *keys, size_t at)
{
	for (size_t i = 0; i < at && keys[at].len > 0; i++)
		if (str_eq(keys[i], keys[at])) {
			json_read_tell(&items[at], "email", TEXT_JSON_SIGNER_TWICE);
			return;
		}
}

static enum err read_signers(struct reading *reading)
{
	struct buf lines CLEANUP_BUF;
	struct json_read *items;
	struct str keys[LIMIT_SIGNING_SIGNERS] = {STR_NONE};
	size_t count;
	buf_init(&lines, LIMIT_BODY_MESSAGE);
	if (!json_read_has(reading->read, "signers"))
		json_read_tell(reading->read, "signers", TEXT_JSON_FIELD_MISSING);
	TRY(json_read_objects(reading->read, "signers", LIMIT_SIGNING_SIGNERS, &items, &count));
	for (size_t i = 0; i < count; i++) {
		size_t errors = items[i].errors->count;
		struct str email = json_read_text(&items[i], "email", REQUIRED);
		if (items[i].errors->count == errors)
			TRY(check_address(&items[i], email, &keys[i]));
		check_twice(items, keys, i);
		TRY(read_fields(reading, &items[i], &email));
		enum err err = json_read_end(&items[i]);
		if (err != OK && err != ERR_INVALID)
			return err;
		buf_add(&lines, email);
		buf_add_char(&lines, '\n');
	}
	reading->draft->to = arena_copy(reading->read->cx->arena, buf_str(&lines));
	return lines.err;
}

/* ---- all of it ---- */

static enum signing_order read_order(struct json_read *read)
{
	enum signing_order order = SIGNING_ALL_AT_ONCE;
	size_t errors = read->errors->count;
	struct str word = json_read_text(read, "order", OPTIONAL);
	bool is_given = word.data != NULL && read->errors->count == errors;
	if (is_given && signing_plan_order_parse(word, &order) != OK)
		json_read_tell(read, "order", TEXT_JSON_ORDER_UNKNOWN);
	return order;
}

/* In place of fields that are named; what the request itself says of order and reminders holds. */
static enum err use_template(struct reading *reading)
{
	struct json_read *read = reading->read;
	const struct signing_plan *filled;
	struct signing_plan *plan = reading->plan;
	struct signing_template from;
	struct id id = {.text = ""};
	size_t errors = read->errors->count, left_out;
	api_options_read_id(read, "template", &id);
	if (id_is_empty(&id) || read->errors->count > errors)
		return OK;
	if (plan->field_count > 0) {
		json_read_tell(read, "template", TEXT_JSON_TEMPLATE_OR_FIELDS);
		return OK;
	}
	enum err err = signing_template_get(read->cx, &id, &from);
	if (err == ERR_NOT_FOUND) {
		json_read_tell(read, "template", TEXT_JSON_ID_BAD);
		return OK;
	}
	TRY(err);
	TRY(signing_template_use(read->cx, &from, reading->draft, &filled, &left_out));
	plan->fields = filled->fields;
	plan->field_count = filled->field_count;
	if (!json_read_has(read, "order"))
		plan->order = filled->order;
	if (!json_read_has(read, "remind_after_days"))
		plan->remind_after_days = filled->remind_after_days;
	if (!json_read_has(read, "remind_every_days"))
		plan->remind_every_days = filled->remind_every_days;
	if (!json_read_has(read, "password_again"))
		plan->wants_password = filled->wants_password;
	return OK;
}

static int64_t read_days(struct json_read *read, const char *field)
{
	return json_read_whole(read, field, 0, LIMIT_SIGNING_DAYS, OPTIONAL);
}

static enum err read_terms(struct json_read *read, struct signing_plan **ret)
{
	struct arena *arena = read->cx->arena;
	struct signing_plan *plan = ARENA_ARRAY(arena, 1, struct signing_plan);
	if (plan == NULL)
		return ERR_UNAVAILABLE;
	*plan = (struct signing_plan){
		.fields = ARENA_ARRAY(arena, LIMIT_SIGNING_FIELDS, struct signing_field),
		.order = read_order(read),
		.deadline = json_read_text(read, "deadline", OPTIONAL),
		.remind_after_days = read_days(read, "remind_after_days"),
		.remind_every_days = read_days(read, "remind_every_days"),
		.remind_before_days = read_days(read, "remind_before_days"),
		.wants_password = json_read_bool(read, "password_again", OPTIONAL),
	};
	if (plan->fields == NULL)
		return ERR_UNAVAILABLE;
	*ret = plan;
	return OK;
}

enum err api_signing_read_plan(struct json_read *read, struct draft *draft)
{
	struct reading reading = {.read = read, .draft = draft};
	size_t errors = read->errors->count;
	TRY(api_options_read_files(read, draft));
	if (draft->file_count == 0 && read->errors->count == errors)
		json_read_tell(read, "files", TEXT_SIGNING_PLAN_DOCUMENTS_MISSING);
	TRY(read_terms(read, &reading.plan));
	TRY(read_signers(&reading));
	draft->signing = reading.plan;
	return use_template(&reading);
}

enum err api_signing_read_draft(struct json_read *read, struct draft *draft)
{
	struct json_read object;
	struct reading reading = {.read = &object, .draft = draft};
	if (!json_read_object(read, "signing", OPTIONAL, &object))
		return OK;
	TRY(read_terms(&object, &reading.plan));
	TRY(read_fields(&reading, &object, NULL));
	draft->signing = reading.plan;
	enum err err = json_read_end(&object);
	return err == ERR_INVALID ? OK : err;
}

/* ---- signing ---- */

static enum err read_value(struct json_read *read, const struct json_entry *entry,
			   struct signing_value *ret)
{
	struct cx *cx = read->cx;
	struct signing_value value = {
		.field_id = entry->name, .text = entry->value, .is_flag = entry->is_flag};
	if (png_is_data_url(entry->value)) {
		struct str name =
			arena_printf(cx->arena, "fields.%.*s",
				     STR_ARGS(utf8_first(entry->name, LIMIT_SIGNING_LABEL_CHARS)));
		value.text = STR_NONE;
		enum err err = png_from_data_url(cx->arena, entry->value, &value.png);
		if (err == ERR_INVALID || err == ERR_TOO_LARGE)
			form_error(cx, read->errors, arena_cstr(cx->arena, name),
				   err == ERR_INVALID ? TEXT_JSON_MARK_NOT_PNG
						      : TEXT_JSON_MARK_TOO_LARGE);
		else
			TRY(err);
	}
	*ret = value;
	return OK;
}

enum err api_signing_read_act(struct json_read *read, struct signing_act *ret)
{
	struct cx *cx = read->cx;
	struct json_entry *entries;
	size_t count;
	struct signing_act act = {
		.has_consented = json_read_bool(read, "consent", OPTIONAL),
		.consent_text = text_get(cx->language, TEXT_SIGN_CONSENT),
		.password = json_read_text(read, "password", OPTIONAL),
	};
	TRY(json_read_entries(read, "fields", LIMIT_SIGNING_FIELDS, &entries, &count));
	struct signing_value *values = ARENA_ARRAY(cx->arena, count + 1, struct signing_value);
	if (values == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		TRY(read_value(read, &entries[i], &values[i]));
	act.values = values;
	act.value_count = count;
	*ret = act;
	return OK;
}
