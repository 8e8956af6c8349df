#include "mail/mail_text.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "mail/header.h"
#include "text/text.h"

/* What the words are made of. */
struct writer {
	struct arena *arena;
	const struct language *language;
	const struct outbox_mail *mail;
	struct str portal;
	struct str sender;
	struct str name;    /* of the reader */
	struct str subject; /* of the message */
	struct buf body;
};

/* The sentences of one kind of mail, in the order they appear. */
struct plan {
	enum text_id subject, subject_nobody; /* the second where the sender has no name */
	enum text_id lead, lead_nobody;
	enum text_id call;  /* what to do; the link follows */
	enum text_id care;  /* about the link */
	enum text_id until; /* only if the link ends */
	enum text_id unexpected;
	/* Where the portal allows the subject of the message in mails (P3.1). */
	bool has_subject;
	enum text_id shown, shown_nobody;
};

static const struct plan plans[] = {
	[MAIL_NOTIFICATION] =
		{
			.subject = TEXT_MAIL_NOTIFICATION_SUBJECT,
			.subject_nobody = TEXT_MAIL_NOTIFICATION_SUBJECT_NOBODY,
			.lead = TEXT_MAIL_NOTIFICATION_LEAD,
			.lead_nobody = TEXT_MAIL_NOTIFICATION_LEAD_NOBODY,
			.call = TEXT_MAIL_NOTIFICATION_DO,
			.care = TEXT_MAIL_NOTIFICATION_CARE,
			.until = TEXT_MAIL_GOOD_UNTIL,
			.unexpected = TEXT_MAIL_NOTIFICATION_UNEXPECTED,
			.has_subject = true,
			.shown = TEXT_MAIL_NOTIFICATION_SUBJECT_SHOWN,
			.shown_nobody = TEXT_MAIL_NOTIFICATION_SUBJECT_SHOWN_NOBODY,
		},
	[MAIL_SUMMARY] =
		{
			.subject = TEXT_MAIL_SUMMARY_SUBJECT,
			.subject_nobody = TEXT_MAIL_SUMMARY_SUBJECT,
			.lead = TEXT_MAIL_SUMMARY_LEAD,
			.lead_nobody = TEXT_MAIL_SUMMARY_LEAD,
			.call = TEXT_MAIL_SUMMARY_DO,
			.care = TEXT_MAIL_SUMMARY_CARE,
			.until = TEXT_MAIL_GOOD_UNTIL,
			.unexpected = TEXT_MAIL_SUMMARY_UNEXPECTED,
		},
	[MAIL_INVITATION] =
		{
			.subject = TEXT_MAIL_INVITATION_SUBJECT,
			.subject_nobody = TEXT_MAIL_INVITATION_SUBJECT_NOBODY,
			.lead = TEXT_MAIL_INVITATION_LEAD,
			.lead_nobody = TEXT_MAIL_INVITATION_LEAD_NOBODY,
			.call = TEXT_MAIL_INVITATION_DO,
			.care = TEXT_MAIL_INVITATION_CARE,
			.until = TEXT_MAIL_INVITATION_UNTIL,
			.unexpected = TEXT_MAIL_INVITATION_UNEXPECTED,
		},
	[MAIL_RESET] =
		{
			.subject = TEXT_MAIL_RESET_SUBJECT,
			.subject_nobody = TEXT_MAIL_RESET_SUBJECT,
			.lead = TEXT_MAIL_RESET_LEAD,
			.lead_nobody = TEXT_MAIL_RESET_LEAD,
			.call = TEXT_MAIL_RESET_DO,
			.care = TEXT_MAIL_RESET_CARE,
			.until = TEXT_MAIL_GOOD_UNTIL,
			.unexpected = TEXT_MAIL_RESET_UNEXPECTED,
		},
	[MAIL_PASSWORD_CHANGED] =
		{
			.subject = TEXT_MAIL_PASSWORD_CHANGED_SUBJECT,
			.subject_nobody = TEXT_MAIL_PASSWORD_CHANGED_SUBJECT,
			.lead = TEXT_MAIL_PASSWORD_CHANGED_LEAD,
			.lead_nobody = TEXT_MAIL_PASSWORD_CHANGED_LEAD,
			.call = TEXT_MAIL_PASSWORD_CHANGED_DO,
			.care = TEXT_MAIL_PASSWORD_CHANGED_CARE,
			.until = TEXT_MAIL_GOOD_UNTIL,
			.unexpected = TEXT_MAIL_PASSWORD_CHANGED_UNEXPECTED,
		},
};

/* Of documents to sign. */
#define ABOUT_PLAN(name)                                                                           \
	{                                                                                          \
		.subject = TEXT_MAIL_SIGNING_##name##_SUBJECT,                                     \
		.subject_nobody = TEXT_MAIL_SIGNING_##name##_SUBJECT_NOBODY,                       \
		.lead = TEXT_MAIL_SIGNING_##name##_LEAD,                                           \
		.lead_nobody = TEXT_MAIL_SIGNING_##name##_LEAD_NOBODY,                             \
		.call = TEXT_MAIL_SIGNING_##name##_DO, .care = TEXT_MAIL_SIGNING_CARE,             \
		.until = TEXT_MAIL_SIGNING_UNTIL,                                                  \
		.unexpected = TEXT_MAIL_SIGNING_##name##_UNEXPECTED, .has_subject = true,          \
		.shown = TEXT_MAIL_SIGNING_##name##_SHOWN,                                         \
		.shown_nobody = TEXT_MAIL_SIGNING_##name##_SHOWN_NOBODY,                           \
	}
/* To the person who asks. */
#define OWN_PLAN(name)                                                                             \
	{                                                                                          \
		.subject = TEXT_MAIL_SIGNING_##name##_SUBJECT,                                     \
		.subject_nobody = TEXT_MAIL_SIGNING_##name##_SUBJECT,                              \
		.lead = TEXT_MAIL_SIGNING_##name##_LEAD,                                           \
		.lead_nobody = TEXT_MAIL_SIGNING_##name##_LEAD,                                    \
		.call = TEXT_MAIL_SIGNING_##name##_DO, .care = TEXT_MAIL_SIGNING_CARE,             \
		.until = TEXT_MAIL_SIGNING_UNTIL,                                                  \
		.unexpected = TEXT_MAIL_SIGNING_##name##_UNEXPECTED, .has_subject = true,          \
		.shown = TEXT_MAIL_SIGNING_##name##_SHOWN,                                         \
		.shown_nobody = TEXT_MAIL_SIGNING_##name##_SHOWN,                                  \
	}
static const struct plan about_plans[MAIL_ABOUTS] = {
	[ABOUT_SIGN] = ABOUT_PLAN(ASKED),
	[ABOUT_TURN] = ABOUT_PLAN(TURN),
	[ABOUT_REMINDER] = ABOUT_PLAN(REMINDER),
	[ABOUT_COMPLETED] = ABOUT_PLAN(COMPLETED),
	[ABOUT_DECLINED] = ABOUT_PLAN(DECLINED),
	[ABOUT_CANCELLED] = ABOUT_PLAN(CANCELLED),
	[ABOUT_EXPIRED] = ABOUT_PLAN(EXPIRED),
	[ABOUT_OWN_TURN] = OWN_PLAN(OWN_TURN),
	[ABOUT_OWN_REMINDER] = OWN_PLAN(OWN_REMINDER),
};
#undef ABOUT_PLAN
#undef OWN_PLAN

/* NULL: there is no such mail. */
static const struct plan *plan_of(const struct outbox_mail *mail)
{
	bool is_about = mail->kind == MAIL_SIGNING || mail->about != ABOUT_MESSAGE;
	if (is_about)
		return mail->about > ABOUT_MESSAGE && mail->about < MAIL_ABOUTS
			       ? &about_plans[mail->about]
			       : NULL;
	if (mail->kind < MAIL_NOTIFICATION ||
	    (size_t)mail->kind >= sizeof(plans) / sizeof(plans[0]))
		return NULL;
	return &plans[mail->kind];
}

static bool is_name_byte(char c)
{
	unsigned char byte = (unsigned char)c;
	return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') ||
	       byte >= 0x80;
}

/* "evil.example" and "https://" become "evil. example" and "https: //": mail programs make no links
 * of these. Digits behind a dot ("3.5 mg") and abbreviations with a space ("Dr. Lee") stay. */
static struct str unlink_text(struct arena *arena, struct str text)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, 2 * text.len + 1);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i], next = i + 1 < text.len ? text.data[i + 1] : ' ';
		bool is_digit = next >= '0' && next <= '9';
		buf_add_char(&out, c);
		if ((c == '.' && is_name_byte(next) && !is_digit) || (c == ':' && next == '/') ||
		    c == '@')
			buf_add_char(&out, ' ');
	}
	return arena_copy(arena, buf_str(&out));
}

static struct str foreign_text(struct arena *arena, struct str text, size_t max_chars)
{
	return unlink_text(arena, header_clean(arena, text, max_chars));
}

/* Sentences take what they name; the rest is not looked at. */
static struct str fill(struct writer *writer, enum text_id id, int64_t date_ms)
{
	struct str date = format_date_time(writer->arena, writer->language, STR("UTC"), date_ms);
	return TEXT_FILL(writer->arena, writer->language, id, TEXT_ARG("portal", writer->portal),
			 TEXT_ARG("sender", writer->sender), TEXT_ARG("name", writer->name),
			 TEXT_ARG("subject", writer->subject), TEXT_ARG("date", date),
			 TEXT_NUMBER("count", writer->mail->about != ABOUT_MESSAGE
						      ? writer->mail->documents
						      : writer->mail->count));
}

/* A sentence on lines of its own. */
static void add_line(struct writer *writer, enum text_id id, int64_t date_ms)
{
	buf_add(&writer->body, fill(writer, id, date_ms));
	buf_add_char(&writer->body, '\n');
}

static void add_gap(struct writer *writer)
{
	buf_add_char(&writer->body, '\n');
}

static struct str make_subject(struct writer *writer, const struct plan *plan)
{
	bool is_nobody = str_is_empty(writer->sender);
	enum text_id id = is_nobody ? plan->subject_nobody : plan->subject;
	if (plan->has_subject && !str_is_empty(writer->subject))
		id = is_nobody ? plan->shown_nobody : plan->shown;
	return fill(writer, id, writer->mail->created_ms);
}

static void write_lead(struct writer *writer, const struct plan *plan)
{
	int64_t created_ms = writer->mail->created_ms;
	add_line(writer, str_is_empty(writer->name) ? TEXT_MAIL_HELLO : TEXT_MAIL_HELLO_NAME,
		 created_ms);
	add_gap(writer);
	add_line(writer, str_is_empty(writer->sender) ? plan->lead_nobody : plan->lead, created_ms);
	if (plan->has_subject && !str_is_empty(writer->subject))
		add_line(writer, TEXT_MAIL_NOTIFICATION_ABOUT, created_ms);
	add_line(writer, plan->call, created_ms);
	add_gap(writer);
	buf_add(&writer->body, writer->mail->link);
	add_gap(writer);
	add_gap(writer);
}

static void write_rest(struct writer *writer, const struct plan *plan)
{
	int64_t created_ms = writer->mail->created_ms;
	add_line(writer, plan->care, created_ms);
	if (writer->mail->expires_ms > 0)
		add_line(writer, plan->until, writer->mail->expires_ms);
	/* Who has not registered has no name yet. */
	if (writer->mail->kind == MAIL_NOTIFICATION && str_is_empty(writer->name)) {
		add_gap(writer);
		add_line(writer, TEXT_MAIL_NOTIFICATION_NEW, created_ms);
	}
	add_gap(writer);
	add_line(writer, plan->unexpected, created_ms);
	add_gap(writer);
	add_line(writer, TEXT_MAIL_REGARDS, created_ms);
	add_gap(writer);
	add_line(writer, TEXT_MAIL_AUTOMATIC, created_ms);
}

static bool is_link(struct str link)
{
	return (str_starts_with(link, STR("https://")) || str_starts_with(link, STR("http://"))) &&
	       utf8_is_line(link) && str_find_char(link, ' ') < 0 && link.len <= LIMIT_PATH_BYTES;
}

enum err mail_text_make(struct arena *arena, struct str portal, const struct outbox_mail *mail,
			struct mail_text *ret)
{
	const struct plan *plan = plan_of(mail);
	if (plan == NULL || !is_link(mail->link))
		return ERR_INVALID;
	struct writer writer = {
		.arena = arena,
		.language = language_find(mail->language),
		.mail = mail,
		.portal = header_clean(arena, portal, LIMIT_NAME_CHARS),
		.sender = foreign_text(arena, mail->from_name, LIMIT_NAME_CHARS),
		.name = foreign_text(arena, mail->to_name, LIMIT_NAME_CHARS),
		.subject = foreign_text(arena, mail->subject, LIMIT_SUBJECT_CHARS),
	};
	struct mail_text text = {.from_display = writer.portal,
				 .subject = make_subject(&writer, plan)};
	if (!str_is_empty(writer.sender))
		text.from_display = fill(&writer, TEXT_MAIL_FROM_VIA, mail->created_ms);
	buf_init(&writer.body, LIMIT_MAIL_BYTES);
	write_lead(&writer, plan);
	write_rest(&writer, plan);
	enum err err = writer.body.err;
	text.body = arena_copy(arena, buf_str(&writer.body));
	buf_release(&writer.body);
	TRY(err);
	if (arena->failed)
		return ERR_UNAVAILABLE;
	*ret = text;
	return OK;
}
