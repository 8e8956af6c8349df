#include "base/limits.h"
#include "base/utf8.h"
#include "core/expiry.h"
#include "core/policy.h"
#include "core/signing_plan.h"

/* Smaller than this nothing can be seen or hit, in points. */
enum { FIELD_LEAST_POINTS = 4 };

/* ---- who asks whom ---- */

static void check_sender(struct cx *cx, const struct user *sender, struct form_errors *errors)
{
	if (!policy_allows(cx->portal->settings, sender, ACT_REQUEST_SIGNATURES))
		form_error(cx, errors, "", TEXT_SIGNING_PLAN_ONLY_PROFESSIONALS);
}

static void check_signers(struct cx *cx, const struct draft *draft, const struct resolved *resolved,
			  struct form_errors *errors)
{
	size_t signers = 0;
	for (size_t i = 0; i < resolved->view.count; i++)
		signers += resolved->view.items[i].kind == RECIPIENT_TO;
	if (signers == 0 && form_errors_for(errors, "to").len == 0)
		form_error(cx, errors, "to", TEXT_SIGNING_PLAN_SIGNERS_MISSING);
	if (signers > LIMIT_SIGNING_SIGNERS)
		form_error(cx, errors, "to", TEXT_SIGNING_PLAN_SIGNERS_MANY,
			   TEXT_NUMBER("count", LIMIT_SIGNING_SIGNERS));
	if (str_trim(draft->bcc).len > 0)
		form_error(cx, errors, "bcc", TEXT_SIGNING_PLAN_NO_BCC);
}

int64_t signing_plan_signer(struct arena *arena, const struct resolved *resolved,
			    struct str address)
{
	struct address parsed;
	int64_t place = 0;
	if (address_parse(arena, address, &parsed) != OK)
		return -1;
	for (size_t i = 0; i < resolved->view.count; i++) {
		if (resolved->view.items[i].kind != RECIPIENT_TO)
			continue;
		if (str_eq(resolved->addresses[i].key, parsed.key) ||
		    str_eq(resolved->users[i].address_key, parsed.key))
			return place;
		place++;
	}
	return -1;
}

/* ---- what does not go together ---- */

static void check_terms(struct cx *cx, const struct draft *draft, struct form_errors *errors)
{
	if (draft->options & OPTION_CONFIDENTIAL)
		form_error(cx, errors, "options", TEXT_SIGNING_PLAN_CONFIDENTIAL);
	else if (draft->options != 0)
		form_error(cx, errors, "options", TEXT_SIGNING_PLAN_NO_OPTION);
	if (str_trim(draft->expires).len > 0)
		form_error(cx, errors, "expires_at", TEXT_SIGNING_PLAN_EXPIRES);
	if (!id_is_empty(&draft->forward_of))
		form_error(cx, errors, "forward_of", TEXT_SIGNING_PLAN_FORWARD);
	if (draft->file_count == 0)
		form_error(cx, errors, "files", TEXT_SIGNING_PLAN_DOCUMENTS_MISSING);
	else if (draft->file_count > LIMIT_SIGNING_FILES)
		form_error(cx, errors, "files", TEXT_SIGNING_PLAN_DOCUMENTS_MANY,
			   TEXT_NUMBER("count", LIMIT_SIGNING_FILES));
}

/* ---- dates ---- */

int64_t signing_plan_deadline_ms(struct cx *cx, const struct signing_plan *plan)
{
	struct str typed = str_trim(plan->deadline);
	int64_t deadline_ms = 0;
	if (typed.len == 0 || expiry_parse(typed, cx->session->user.zone, &deadline_ms) != OK)
		return 0;
	return deadline_ms;
}

static void check_deadline(struct cx *cx, const struct signing_plan *plan,
			   struct form_errors *errors)
{
	int64_t now_ms = cx_now_ms(cx);
	int64_t deadline_ms = signing_plan_deadline_ms(cx, plan);
	if (str_trim(plan->deadline).len == 0)
		return;
	if (plan->deadline.len > LIMIT_EXPIRY_BYTES)
		return; /* told above */
	if (deadline_ms == 0)
		form_error(cx, errors, "deadline", TEXT_SIGNING_PLAN_DEADLINE_BAD);
	else if (deadline_ms <= now_ms)
		form_error(cx, errors, "deadline", TEXT_SIGNING_PLAN_DEADLINE_PAST);
	else if (deadline_ms > now_ms + LIMIT_SIGNING_DAYS * DAY_MS)
		form_error(cx, errors, "deadline", TEXT_SIGNING_PLAN_DEADLINE_FAR,
			   TEXT_NUMBER("count", LIMIT_SIGNING_DAYS));
}

static void check_days(struct cx *cx, const char *field, int64_t days, enum text_id sentence,
		       struct form_errors *errors)
{
	if (days < 0 || days > LIMIT_SIGNING_DAYS)
		form_error(cx, errors, field, sentence, TEXT_NUMBER("count", LIMIT_SIGNING_DAYS));
}

static void check_reminders(struct cx *cx, const struct signing_plan *plan,
			    struct form_errors *errors)
{
	check_days(cx, "remind_after_days", plan->remind_after_days, TEXT_SIGNING_PLAN_AFTER_BAD,
		   errors);
	check_days(cx, "remind_every_days", plan->remind_every_days, TEXT_SIGNING_PLAN_EVERY_BAD,
		   errors);
	check_days(cx, "remind_before_days", plan->remind_before_days, TEXT_SIGNING_PLAN_BEFORE_BAD,
		   errors);
	if (plan->remind_every_days > 0 && plan->remind_after_days == 0)
		form_error(cx, errors, "remind_every_days", TEXT_SIGNING_PLAN_EVERY_WITHOUT);
	if (plan->remind_before_days > 0 && str_trim(plan->deadline).len == 0)
		form_error(cx, errors, "remind_before_days", TEXT_SIGNING_PLAN_BEFORE_WITHOUT);
}

/* ---- fields ---- */

static bool is_good_id(struct str id)
{
	bool is_good = id.len > 0 && id.len <= LIMIT_SIGNING_FIELD_ID_BYTES;
	for (size_t i = 0; i < id.len; i++)
		is_good = is_good &&
			  (str_is_alnum(id.data[i]) || id.data[i] == '-' || id.data[i] == '_');
	return is_good;
}

static bool is_taken(const struct signing_plan *plan, size_t before)
{
	for (size_t i = 0; i < before; i++)
		if (str_eq(plan->fields[i].id, plan->fields[before].id))
			return true;
	return false;
}

struct field_check {
	struct cx *cx;
	const struct draft *draft;
	const struct resolved *resolved;
	struct form_errors *errors;
};

static void check_place(const struct field_check *check, const char *name,
			const struct signing_field *field)
{
	const struct pdf_box *box = &field->box;
	if (field->file < 0 || field->file >= (int64_t)check->draft->file_count)
		form_error(check->cx, check->errors, name, TEXT_SIGNING_PLAN_FIELD_FILE);
	else if (box->page < 1)
		form_error(check->cx, check->errors, name, TEXT_SIGNING_PLAN_FIELD_PAGE);
	/* What is no number is not greater either. */
	else if (!(box->width >= FIELD_LEAST_POINTS && box->height >= FIELD_LEAST_POINTS))
		form_error(check->cx, check->errors, name, TEXT_SIGNING_PLAN_FIELD_BOX,
			   TEXT_NUMBER("count", FIELD_LEAST_POINTS));
	/* No page is larger; that it is inside its own is checked when that is looked at. */
	else if (box->width > LIMIT_PDF_PAGE_POINTS || box->height > LIMIT_PDF_PAGE_POINTS)
		form_error(check->cx, check->errors, name, TEXT_SIGNING_PLAN_FIELD_LARGE,
			   TEXT_NUMBER("count", LIMIT_PDF_PAGE_POINTS));
}

static void check_field(const struct field_check *check, size_t at)
{
	struct cx *cx = check->cx;
	const struct signing_field *field = &check->draft->signing->fields[at];
	const char *name =
		arena_cstr(cx->arena, arena_printf(cx->arena, "fields.%.*s",
						   STR_ARGS(form_error_quote(cx, field->id))));
	if (!is_good_id(field->id)) {
		form_error(cx, check->errors, "signing", TEXT_SIGNING_PLAN_FIELD_ID,
			   TEXT_NUMBER("count", LIMIT_SIGNING_FIELD_ID_BYTES));
		return;
	}
	if (is_taken(check->draft->signing, at))
		form_error(cx, check->errors, name, TEXT_SIGNING_PLAN_FIELD_ID_TWICE);
	/* An address that could not be read is told there. */
	if (form_errors_for(check->errors, "to").len == 0 &&
	    signing_plan_signer(cx->arena, check->resolved, field->signer) < 0)
		form_error(cx, check->errors, name, TEXT_SIGNING_PLAN_FIELD_SIGNER,
			   TEXT_ARG("address", form_error_quote(cx, field->signer)));
	check_place(check, name, field);
	if (!utf8_is_line(field->label) || utf8_count(field->label) > LIMIT_SIGNING_LABEL_CHARS)
		form_error(cx, check->errors, name, TEXT_SIGNING_PLAN_FIELD_LABEL,
			   TEXT_NUMBER("count", LIMIT_SIGNING_LABEL_CHARS));
}

/* Fields go by the places of their documents. */
static bool is_file_twice(const struct draft *draft)
{
	for (size_t i = 0; i < draft->file_count; i++)
		for (size_t j = 0; j < i; j++)
			if (id_eq(&draft->files[i], &draft->files[j]))
				return true;
	return false;
}

void signing_plan_check_size(struct cx *cx, const struct draft *draft, struct form_errors *errors)
{
	const struct signing_plan *plan = draft->signing;
	if (draft->file_count <= LIMIT_MESSAGE_FILES && is_file_twice(draft))
		form_error(cx, errors, "files", TEXT_SIGNING_PLAN_DOCUMENT_TWICE);
	if (plan->field_count > LIMIT_SIGNING_FIELDS)
		form_error(cx, errors, "signing", TEXT_SIGNING_PLAN_FIELDS_MANY,
			   TEXT_NUMBER("count", LIMIT_SIGNING_FIELDS));
	if (plan->deadline.len > LIMIT_EXPIRY_BYTES || !utf8_is_valid(plan->deadline))
		form_error(cx, errors, "deadline", TEXT_SIGNING_PLAN_DEADLINE_BAD);
}

void signing_plan_check(struct cx *cx, const struct user *sender, const struct draft *draft,
			const struct resolved *resolved, struct form_errors *errors)
{
	const struct signing_plan *plan = draft->signing;
	const struct field_check check = {cx, draft, resolved, errors};
	check_sender(cx, sender, errors);
	check_signers(cx, draft, resolved, errors);
	check_terms(cx, draft, errors);
	check_deadline(cx, plan, errors);
	check_reminders(cx, plan, errors);
	signing_plan_check_size(cx, draft, errors);
	if (plan->field_count > LIMIT_SIGNING_FIELDS)
		return;
	for (size_t i = 0; i < plan->field_count && errors->count < FORM_ERRORS_MAX; i++)
		check_field(&check, i);
}
