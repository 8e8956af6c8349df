#include "mail/text_check.h"

#include "base/log.h"
#include "core/session.h"
#include "mail/letter.h"

#include <stdlib.h>

/* The mail that a text is for. */
static struct outbox_mail mail_of(enum texts_name name)
{
	static const struct {
		enum mail_kind kind;
		enum mail_about about;
	} mails[TEXTS_COUNT] = {
		[TEXTS_INVITATION] = {MAIL_INVITATION, ABOUT_MESSAGE},
		[TEXTS_NOTIFICATION] = {MAIL_NOTIFICATION, ABOUT_MESSAGE},
		[TEXTS_WELCOME] = {MAIL_WELCOME, ABOUT_MESSAGE},
		[TEXTS_REMINDER] = {MAIL_SIGNING, ABOUT_REMINDER},
		[TEXTS_RESET] = {MAIL_RESET, ABOUT_MESSAGE},
		[TEXTS_PASSWORD_CHANGED] = {MAIL_PASSWORD_CHANGED, ABOUT_MESSAGE},
	};
	return (struct outbox_mail){
		.kind = mails[name].kind,
		.about = mails[name].about,
		.count = 1,
		.documents = mails[name].about == ABOUT_MESSAGE ? 0 : 1,
	};
}

/* Who gets it, from whom. */
static void fill_people(struct cx *cx, enum texts_name name, enum text_reader reader,
			struct outbox_mail *mail)
{
	const struct language *language = language_find(mail->language);
	struct str guest = text_get(language, TEXT_TEXTS_SAMPLE_GUEST);
	struct str professional = text_get(language, TEXT_TEXTS_SAMPLE_PROFESSIONAL);
	mail->to_address = STR("anna@post.example");
	mail->to_name = reader == READER_GUEST ? guest : professional;
	mail->from_name = reader == READER_GUEST ? professional : guest;
	/* An invitation goes to somebody who has no name yet. */
	if (name == TEXTS_INVITATION)
		mail->to_name = STR_NONE;
	if (reader == READER_SELF) {
		mail->to_address = cx->session->user.address;
		mail->to_name = cx->session->user.name;
		mail->from_name = cx->session->user.name;
	}
	if (!texts_allows(name, FILL_SENDER))
		mail->from_name = STR_NONE;
}

static struct outbox_mail sample(struct cx *cx, enum texts_name name,
				 const struct language *language, const struct texts_words *words,
				 enum text_reader reader)
{
	const struct settings *settings = cx->portal->settings;
	struct outbox_mail mail = mail_of(name);
	mail.id = id_new(cx_now_ms(cx));
	mail.language = language_tag(language);
	mail.created_ms = cx_now_ms(cx);
	mail.expires_ms = mail.created_ms + settings->invitation_days * DAY_MS;
	mail.own_subject = words->subject;
	mail.own_body = words->body;
	/* Too short for a token of any kind. */
	mail.link = arena_printf(cx->arena, "%.*s/register/example-link", STR_ARGS(settings->url));
	if (settings->is_subject_in_mail)
		mail.subject = text_get(language, TEXT_TEXTS_SAMPLE_SUBJECT);
	if (reader == READER_SELF) {
		struct str word = texts_word(name);
		mail.link = arena_printf(cx->arena, "%.*s/admin/texts/%.*s",
					 STR_ARGS(settings->url), STR_ARGS(word));
	}
	fill_people(cx, name, reader, &mail);
	return mail;
}

enum err text_check_sample(struct cx *cx, enum texts_name name, const struct language *language,
			   const struct texts_words *words, enum text_reader reader,
			   struct mail_text *ret)
{
	struct outbox_mail mail = sample(cx, name, language, words, reader);
	/* Nothing at all would be the portal's own words. */
	if (mail.own_body.len == 0)
		mail.own_body = STR("\n");
	return mail_text_make(cx->arena, cx->portal->settings->name, &mail, ret);
}

static enum err ask_filter(struct cx *cx, enum texts_name name, const struct language *language,
			   const struct texts_words *words, struct text_check *check)
{
	struct spam_filter *filter = cx->portal->spam_filter;
	struct outbox_mail mail = sample(cx, name, language, words, READER_GUEST);
	struct str from = arena_printf(cx->arena, "postern@%.*s",
				       STR_ARGS(letter_host(cx->portal->settings->url)));
	struct letter letter;
	TRY(letter_make(cx, &mail, from, false, &letter));
	enum err err = filter->judge(filter, letter.bytes, &check->verdict);
	check->has_score = err == OK;
	if (err != OK)
		log_event(LOG_WARN, "spam_filter.out_of_reach", LOG_CSTR("why", err_name(err)));
	return OK;
}

enum err text_check(struct cx *cx, enum texts_name name, const struct language *language,
		    const struct texts_words *words, bool has_subject, struct text_check *ret)
{
	*ret = (struct text_check){.has_filter = cx->portal->spam_filter != NULL};
	text_lint(cx, name, words, has_subject, &ret->warnings);
	return ret->has_filter && words->body.len > 0 ? ask_filter(cx, name, language, words, ret)
						      : OK;
}

struct str text_check_points(struct arena *arena, int64_t tenths)
{
	return arena_printf(arena, "%s%lld.%lld", tenths < 0 ? "-" : "",
			    (long long)llabs(tenths / 10), (long long)llabs(tenths % 10));
}
