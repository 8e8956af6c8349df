#include "web/options_part.h"

#include "base/clock.h"
#include "core/policy.h"
#include "web/when.h"

static const struct {
	const char *name;
	enum message_option option;
	enum text_id label, hint;
	enum act act; /* who may not do it is not asked about it */
} options[OPTION_COUNT] = {
	{"no_forward", OPTION_NO_FORWARD, TEXT_OPTION_NO_FORWARD, TEXT_OPTION_NO_FORWARD_HINT,
	 ACT_FORWARD},
	{"no_reply_all", OPTION_NO_REPLY_ALL, TEXT_OPTION_NO_REPLY_ALL,
	 TEXT_OPTION_NO_REPLY_ALL_HINT, ACT_REPLY},
	{"no_reply", OPTION_NO_REPLY, TEXT_OPTION_NO_REPLY, TEXT_OPTION_NO_REPLY_HINT, ACT_REPLY},
	{"confidential", OPTION_CONFIDENTIAL, TEXT_OPTION_CONFIDENTIAL,
	 TEXT_OPTION_CONFIDENTIAL_HINT, ACT_MARK_CONFIDENTIAL},
};

enum err options_part_fill(struct cx *cx, const struct draft *draft,
			   const struct form_errors *errors, struct options_part *ret)
{
	struct message_terms inherited;
	TRY(message_options_of_draft(cx, draft, &inherited));
	struct options_part part = {
		.expires = draft->expires,
		.wrong = form_errors_for(errors, "options"),
		.expires_wrong = form_errors_for(errors, "expires_at"),
	};
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		part.options[i] = (struct option_part){
			.name = options[i].name,
			.label = text_get(cx->language, options[i].label),
			.hint = text_get(cx->language, options[i].hint),
			.is_chosen = (draft->options & options[i].option) != 0,
			.is_inherited = (inherited.options & options[i].option) != 0,
		};
		/* What was chosen before it was switched off can be taken back. */
		part.options[i].is_offered = policy_may(cx, options[i].act) ||
					     part.options[i].is_chosen ||
					     part.options[i].is_inherited;
	}
	if (cx->portal->settings->retention_days > 0)
		part.kept = TEXT_FILL(cx->arena, cx->language, TEXT_OPTION_KEPT_DAYS,
				      TEXT_NUMBER("count", cx->portal->settings->retention_days));
	part.has_expiry =
		policy_may(cx, ACT_SET_EXPIRY) || part.expires.len > 0 || inherited.expires_ms > 0;
	if (inherited.expires_ms > 0)
		part.until = TEXT_FILL(cx->arena, cx->language, TEXT_OPTION_UNTIL,
				       TEXT_ARG("date", when_long(cx, inherited.expires_ms)));
	part.is_open = draft->options != 0 || draft->expires.len > 0 || inherited.options != 0 ||
		       inherited.expires_ms > 0 || part.wrong.len > 0 || part.expires_wrong.len > 0;
	*ret = part;
	return OK;
}

/* A box that is not ticked says nothing: only a program says that an option shall not hold. */
void options_part_read(const struct form *form, struct draft *draft)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (form_has(form, options[i].name))
			draft->options |= options[i].option;
	draft->expires = form_value(form, "expires_at");
	/* What is no id is as good as none. */
	if (id_parse(form_value(form, "forward_of"), &draft->forward_of) != OK)
		draft->forward_of = (struct id){0};
}

struct terms_part options_part_terms(struct cx *cx, const struct message_terms *terms)
{
	struct terms_part part = {.count = 0};
	bool has_no_reply = (terms->options & OPTION_NO_REPLY) != 0;
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		bool is_said = (terms->options & options[i].option) != 0 &&
			       !(has_no_reply && options[i].option == OPTION_NO_REPLY_ALL);
		if (is_said)
			part.items[part.count++].words = text_get(cx->language, options[i].label);
	}
	bool is_over = terms->expires_ms <= cx_now_ms(cx);
	if (terms->expires_ms > 0)
		part.items[part.count++].words =
			TEXT_FILL(cx->arena, cx->language,
				  is_over ? TEXT_OPTION_EXPIRED : TEXT_OPTION_EXPIRES,
				  TEXT_ARG("date", when_long(cx, terms->expires_ms)));
	return part;
}

void options_part_retention(struct cx *cx, int64_t sent_ms, struct terms_part *part)
{
	int64_t days = cx->portal->settings->retention_days;
	if (days > 0)
		part->items[part->count++].words =
			TEXT_FILL(cx->arena, cx->language, TEXT_OPTION_KEPT_UNTIL,
				  TEXT_ARG("date", when_long(cx, sent_ms + days * DAY_MS)));
}

struct str options_part_words(struct cx *cx, const struct message_terms *terms)
{
	struct terms_part part = options_part_terms(cx, terms);
	struct str words = STR_NONE;
	for (size_t i = 0; i < part.count; i++)
		words = arena_printf(cx->arena, "%.*s%s%.*s", STR_ARGS(words), i > 0 ? ", " : "",
				     STR_ARGS(part.items[i].words));
	return words;
}
