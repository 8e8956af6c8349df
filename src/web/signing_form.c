#include "web/signing_form.h"

#include "base/buf.h"
#include "base/limits.h"
#include "core/address.h"
#include "core/policy.h"
#include "core/signing_plan.h"

static int64_t read_days(const struct form *form, const char *name)
{
	struct str typed = str_trim(form_value(form, name));
	int64_t days = 0;
	/* What is no number is told when it is sent. */
	if (typed.len > 0 && (!str_to_int(typed, &days) || days > INT32_MAX))
		return -1;
	return days;
}

static size_t count_lines(struct str text)
{
	size_t count = 1;
	for (size_t i = 0; i < text.len; i++)
		count += text.data[i] == '\n';
	return count;
}

static enum err read_fields(struct arena *arena, struct str lines, const struct draft *draft,
			    struct signing_plan *plan)
{
	struct str line;
	size_t most = count_lines(lines);
	if (most > LIMIT_SIGNING_FIELDS)
		return ERR_INVALID;
	plan->fields = ARENA_ARRAY(arena, most, struct signing_field);
	if (plan->fields == NULL)
		return ERR_UNAVAILABLE;
	while (str_next(&lines, '\n', &line)) {
		if (line.len > 0 && line.data[line.len - 1] == '\r')
			line.len--;
		if (line.len == 0)
			continue;
		enum err err = signing_plan_line_parse(line, draft->files, draft->file_count,
						       &plan->fields[plan->field_count]);
		if (err != OK && err != ERR_NOT_FOUND)
			return err;
		plan->field_count += err == OK;
	}
	return OK;
}

/* ---- the sender, who may sign too ---- */

static enum err has_own(struct arena *arena, struct str to, struct str own, bool *ret)
{
	struct address *people, self;
	size_t count = 0;
	*ret = false;
	enum err err = address_parse(arena, own, &self);
	if (err == OK)
		err = address_parse_list(arena, to, LIMIT_RECIPIENTS, &people, &count);
	/* Too many are a mistake that is told when it is sent. */
	if (err == ERR_INVALID || err == ERR_TOO_LARGE)
		return OK;
	TRY(err);
	for (size_t i = 0; i < count; i++)
		*ret = *ret || str_eq(people[i].key, self.key);
	return OK;
}

static enum err take_out(struct arena *arena, struct str own, struct str *to)
{
	struct address *people, self;
	size_t count;
	struct str left = STR_NONE;
	TRY(address_parse(arena, own, &self));
	TRY(address_parse_list(arena, *to, LIMIT_RECIPIENTS, &people, &count));
	for (size_t i = 0; i < count; i++)
		if (!str_eq(people[i].key, self.key))
			left = arena_printf(arena, "%.*s%s%.*s", STR_ARGS(left),
					    left.len > 0 ? ", " : "", STR_ARGS(people[i].text));
	*to = left;
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

/* The box says what shall be, whatever stands in To; but who only types their address signs too. */
static enum err read_own(struct arena *arena, const struct form *form, struct draft *draft)
{
	struct str own = form_value(form, "signing_too"), was = form_value(form, "signing_too_was");
	bool is_in;
	TRY(has_own(arena, draft->to, own.len > 0 ? own : was, &is_in));
	if (own.len == 0)
		return is_in ? take_out(arena, was, &draft->to) : OK;
	if (is_in)
		return OK;
	bool is_first = str_trim(draft->to).len == 0;
	draft->to = arena_printf(arena, "%.*s%s%.*s", STR_ARGS(draft->to), is_first ? "" : ", ",
				 STR_ARGS(own));
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

/* ---- the form ---- */

enum err signing_form_read(struct arena *arena, const struct form *form, struct draft *draft)
{
	if (!form_has(form, "signing"))
		return OK;
	struct signing_plan *plan = ARENA_ARRAY(arena, 1, struct signing_plan);
	if (plan == NULL)
		return ERR_UNAVAILABLE;
	*plan = (struct signing_plan){
		.order = SIGNING_ALL_AT_ONCE,
		.deadline = form_value(form, "signing_deadline"),
		.remind_after_days = read_days(form, "signing_after"),
		.remind_every_days = read_days(form, "signing_every"),
		.remind_before_days = read_days(form, "signing_before"),
		.wants_password = form_has(form, "signing_password"),
	};
	if (str_eq(form_value(form, "signing_order"), STR("sequence")))
		plan->order = SIGNING_IN_SEQUENCE;
	TRY(read_fields(arena, form_value(form, "signing_fields"), draft, plan));
	draft->signing = plan;
	return read_own(arena, form, draft);
}

static struct str days_text(struct cx *cx, int64_t days)
{
	return days > 0 ? arena_printf(cx->arena, "%lld", (long long)days) : STR_NONE;
}

static enum err write_fields(struct cx *cx, const struct draft *draft, struct str *ret)
{
	const struct signing_plan *plan = draft->signing;
	struct buf lines CLEANUP_BUF;
	buf_init(&lines, LIMIT_BODY_MESSAGE);
	for (size_t i = 0; i < plan->field_count; i++) {
		const struct signing_field *field = &plan->fields[i];
		if (field->file < 0 || field->file >= (int64_t)draft->file_count)
			continue;
		buf_add(&lines, signing_plan_line(cx->arena, field, draft->files));
		buf_add_char(&lines, '\n');
	}
	*ret = arena_copy(cx->arena, buf_str(&lines));
	return lines.err;
}

/* Of its fields the first mistake, if there is none of the plan as a whole. */
static struct str wrong_of_fields(const struct form_errors *errors)
{
	struct str wrong = form_errors_for(errors, "signing");
	for (size_t i = 0; i < errors->count && wrong.len == 0; i++)
		if (str_starts_with(str_of(errors->items[i].field), STR("fields.")))
			wrong = errors->items[i].detail;
	return wrong;
}

enum err signing_form_fill(struct cx *cx, const struct draft *draft,
			   const struct form_errors *errors, struct signing_form *ret)
{
	const struct signing_plan *plan = draft->signing;
	struct signing_form form = {
		.is_offered = policy_may(cx, ACT_REQUEST_SIGNATURES),
		.is_on = plan != NULL,
		.own = cx->session->user.address,
		.wrong = wrong_of_fields(errors),
		.deadline_wrong = form_errors_for(errors, "deadline"),
		.after_wrong = form_errors_for(errors, "remind_after_days"),
		.every_wrong = form_errors_for(errors, "remind_every_days"),
		.before_wrong = form_errors_for(errors, "remind_before_days"),
		.mark = {.blank = STR("{}"),
			 .address = STR("{address}"),
			 .number = STR("{number}")},
	};
	if (plan) {
		TRY(has_own(cx->arena, draft->to, form.own, &form.is_own_in));
		form.is_sequence = plan->order == SIGNING_IN_SEQUENCE;
		form.wants_password = plan->wants_password;
		form.deadline = plan->deadline;
		form.after = days_text(cx, plan->remind_after_days);
		form.every = days_text(cx, plan->remind_every_days);
		form.before = days_text(cx, plan->remind_before_days);
		form.field_count = plan->field_count;
		TRY(write_fields(cx, draft, &form.fields));
	}
	*ret = form;
	return OK;
}

void signing_form_reminders(struct cx *cx, const struct signing_form *form,
			    struct reminder_field ret[REMINDER_FIELDS])
{
	const struct reminder_field all[REMINDER_FIELDS] = {
		{"signing_after", text_get(cx->language, TEXT_PREPARE_AFTER), form->after,
		 form->after_wrong},
		{"signing_every", text_get(cx->language, TEXT_PREPARE_EVERY), form->every,
		 form->every_wrong},
		{"signing_before", text_get(cx->language, TEXT_PREPARE_BEFORE), form->before,
		 form->before_wrong},
	};
	for (size_t i = 0; i < REMINDER_FIELDS; i++)
		ret[i] = all[i];
}
