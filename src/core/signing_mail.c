#include "core/signing_mail.h"

#include "core/live.h"
#include "core/outbox_mail.h"
#include "core/preferences.h"

static const enum mail_about abouts[] = {
	[SIGNING_LETTER_ASKED] = ABOUT_TURN,          [SIGNING_LETTER_REMINDER] = ABOUT_REMINDER,
	[SIGNING_LETTER_COMPLETED] = ABOUT_COMPLETED, [SIGNING_LETTER_DECLINED] = ABOUT_DECLINED,
	[SIGNING_LETTER_CANCELLED] = ABOUT_CANCELLED, [SIGNING_LETTER_EXPIRED] = ABOUT_EXPIRED,
};

/* from: NULL: to the person who asks. */
static enum mail_about about_of(enum signing_letter_kind kind, const struct user *from)
{
	if (from == NULL && kind == SIGNING_LETTER_ASKED)
		return ABOUT_OWN_TURN;
	if (from == NULL && kind == SIGNING_LETTER_REMINDER)
		return ABOUT_OWN_REMINDER;
	return abouts[kind];
}

static bool asks(enum signing_letter_kind kind)
{
	return kind == SIGNING_LETTER_ASKED || kind == SIGNING_LETTER_REMINDER;
}

static enum err notify_of(struct cx *cx, const struct user *user, enum notify *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct preferences_row row;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(preferences_of(db, cx->arena, &user->id, &row));
	*ret = row.notify;
	return OK;
}

/* What asks for the first time is the notification of a message, and comes as they want those. The
 * others come at once, each alone. */
static enum err prepare_mail(struct cx *cx, const struct outbox_letter *words,
			     struct signing_letter *letter)
{
	enum notify notify = NOTIFY_EACH;
	if (words->kind == MAIL_NOTIFICATION)
		TRY(notify_of(cx, words->to, &notify));
	if (notify == NOTIFY_NOT_LIVE && live_is_connected(cx->portal, &words->to->id))
		return OK;
	TRY(outbox_mail_prepare(cx, words, &letter->mail));
	letter->mail.summed = notify == NOTIFY_HOURLY ? MAIL_WAITS : MAIL_ALONE;
	letter->has_mail = true;
	return OK;
}

enum err signing_mail_prepare(struct cx *cx, enum signing_letter_kind kind,
			      const struct signing *signing, const struct user *from,
			      const struct user *to, struct str subject, struct signing_letter *ret)
{
	const struct id *message_id = &signing->message_id;
	struct signing_letter letter = {.has_mail = false};
	const struct outbox_letter words = {
		.kind = kind == SIGNING_LETTER_ASKED ? MAIL_NOTIFICATION : MAIL_SIGNING,
		.about = about_of(kind, from),
		.documents = signing->document_count,
		.to = to,
		.from_name = from ? user_label(from) : STR_NONE,
		.subject = subject,
		.message_id = *message_id,
		.link = arena_printf(cx->arena, "%.*s/message/%s",
				     STR_ARGS(cx->portal->settings->url), message_id->text),
		.expires_ms = asks(kind) ? signing->deadline_ms : 0,
	};
	if (to->state != USER_DISABLED)
		TRY(prepare_mail(cx, &words, &letter));
	if (to->state == USER_INVITED && asks(kind)) {
		letter.has_again = true;
		TRY(invite_again_prepare(cx, to, from, message_id, &letter.again));
	}
	*ret = letter;
	return OK;
}

enum err signing_mail_write(struct db *db, const struct signing_letter *letter)
{
	if (letter->has_again)
		TRY(invite_again_write(db, &letter->again));
	return letter->has_mail ? mails_insert(db, &letter->mail) : OK;
}
