#include "mail/mail_text.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/texts.h"
#include "mail/header.h"
#include "text/text.h"

/* Of what an administrator has written, with names and the subject of a message in it. */
enum { OWN_SUBJECT_MAX_CHARS = 500 };

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
	[MAIL_ADDRESS] =
		{
			.subject = TEXT_MAIL_ADDRESS_SUBJECT,
			.subject_nobody = TEXT_MAIL_ADDRESS_SUBJECT,
			.lead = TEXT_MAIL_ADDRESS_LEAD,
			.lead_nobody = TEXT_MAIL_ADDRESS_LEAD,
			.call = TEXT_MAIL_ADDRESS_DO,
			.care = TEXT_MAIL_ADDRESS_CARE,
			.until = TEXT_MAIL_GOOD_UNTIL,
			.unexpected = TEXT_MAIL_ADDRESS_UNEXPECTED,
		},
	[MAIL_ADDRESS_CHANGED] =
		{
			.subject = TEXT_MAIL_ADDRESS_CHANGED_SUBJECT,
			.subject_nobody = TEXT_MAIL_ADDRESS_CHANGED_SUBJECT,
			.lead = TEXT_MAIL_ADDRESS_CHANGED_LEAD,
			.lead_nobody = TEXT_MAIL_ADDRESS_CHANGED_LEAD,
			.call = TEXT_MAIL_ADDRESS_CHANGED_DO,
			.care = TEXT_MAIL_ADDRESS_CHANGED_CARE,
			.until = TEXT_MAIL_GOOD_UNTIL,
			.unexpected = TEXT_MAIL_ADDRESS_CHANGED_UNEXPECTED,
		},
	[MAIL_ADDRESS_GONE] =
		{
			.subject = TEXT_MAIL_ADDRESS_CHANGED_SUBJECT,
			.subject_nobody = TEXT_MAIL_ADDRESS_CHANGED_SUBJECT,
			.lead = TEXT_MAIL_ADDRESS_GONE_LEAD,
			.lead_nobody = TEXT_MAIL_ADDRESS_GONE_LEAD,
			.call = TEXT_MAIL_ADDRESS_GONE_DO,
			.care = TEXT_MAIL_ADDRESS_GONE_CARE,
			.until = TEXT_MAIL_GOOD_UNTIL,
			.unexpected = TEXT_MAIL_ADDRESS_GONE_UNEXPECTED,
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
	if (mail->kind < MAIL_NOTIFICATION || mail->kind == MAIL_WELCOME ||
	    mail->kind == MAIL_TEST || (size_t)mail->kind >= sizeof(plans) / sizeof(plans[0]))
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

/* ---- what an administrator has written ---- */

/* A part before the @ that nothing can be hidden in: "anna+www.evil.example@example.com" would be
 * shown as a link. */
static bool is_plain_address(struct str address)
{
	size_t at = 0;
	while (at < address.len && address.data[at] != '@')
		at++;
	for (size_t i = 0; i < at; i++) {
		char c = address.data[i];
		if (!str_is_alnum(c) && c != '.' && c != '-' && c != '_')
			return false;
	}
	return header_is_address(address);
}

static struct str date_value(struct writer *writer, int64_t date_ms)
{
	if (date_ms <= 0)
		return STR_NONE;
	return format_date_time(writer->arena, writer->language, STR("UTC"), date_ms);
}

static struct str fill_value(struct writer *writer, enum texts_fill what)
{
	const struct outbox_mail *mail = writer->mail;
	switch (what) {
	case FILL_PORTAL: return writer->portal;
	case FILL_SENDER: return writer->sender.len > 0 ? writer->sender : writer->portal;
	case FILL_NAME: return writer->name;
	case FILL_ADDRESS:
		return is_plain_address(mail->to_address)
			       ? mail->to_address
			       : foreign_text(writer->arena, mail->to_address, LIMIT_ADDRESS_BYTES);
	case FILL_LINK: return mail->link;
	case FILL_DATE: return date_value(writer, mail->created_ms);
	case FILL_UNTIL: return date_value(writer, mail->expires_ms);
	case FILL_SUBJECT: return writer->subject;
	case FILL_COUNT: break;
	}
	return STR_NONE;
}

static struct str without_last_space(struct str text)
{
	bool has_space = text.len > 0 && text.data[text.len - 1] == ' ';
	return str_slice(text, 0, text.len - has_space);
}

/* Whoever opens the link of a mail hands it to nobody: behind anything but a space or a bracket it
 * would become a part of that, of the address of another site say (P2.7). */
static void part_link(struct buf *out)
{
	struct str line = buf_str(out);
	bool is_opened = true;
	for (size_t i = line.len; i > 0 && line.data[i - 1] != ' '; i--)
		is_opened = is_opened && str_find_char(STR("(<[\"'"), line.data[i - 1]) >= 0;
	if (!is_opened)
		buf_add_char(out, ' ');
}

/* False: the line speaks of what there is not. What is no placeholder here stays as it is; so does
 * what comes out of a name: it is not looked at again. */
static bool fill_line(struct writer *writer, enum texts_name name, bool is_subject, struct str line,
		      struct buf *out)
{
	struct str before, word;
	while (texts_next_fill(&line, &before, &word)) {
		enum texts_fill what = texts_fill_find(word);
		bool is_allowed =
			what != FILL_COUNT && (is_subject ? texts_allows_in_subject(name, what)
							  : texts_allows(name, what));
		struct str value = is_allowed ? fill_value(writer, what) : STR_NONE;
		/* "Hello {name}," */
		if (is_allowed && what == FILL_NAME && value.len == 0)
			before = without_last_space(before);
		buf_add(out, before);
		if (!is_allowed)
			buf_addf(out, "{%.*s}", STR_ARGS(word));
		else if (value.len == 0 && what != FILL_NAME && !is_subject)
			return false;
		if (is_allowed && what == FILL_LINK)
			part_link(out);
		buf_add(out, value);
	}
	buf_add(out, before);
	return true;
}

/* Lines that are left out leave no gap of two empty lines behind. */
static void write_own_body(struct writer *writer, enum texts_name name, struct str rest)
{
	struct str line;
	bool was_empty = false, is_cut = false;
	while (str_next(&rest, '\n', &line)) {
		struct buf filled CLEANUP_BUF;
		buf_init(&filled, LIMIT_MAIL_BYTES);
		if (line.len == 0 && is_cut && was_empty)
			continue;
		is_cut = !fill_line(writer, name, false, line, &filled);
		if (is_cut)
			continue;
		buf_add(&writer->body, buf_str(&filled));
		add_gap(writer);
		was_empty = line.len == 0;
	}
}

/* "From Ben: {subject}" without a subject ends before the colon. */
static struct str make_own_subject(struct writer *writer, enum texts_name name, struct str words)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, LIMIT_MAIL_BYTES);
	(void)fill_line(writer, name, true, words, &out);
	struct str subject = header_clean(writer->arena, buf_str(&out), OWN_SUBJECT_MAX_CHARS);
	while (subject.len > 0 &&
	       (subject.data[subject.len - 1] == ':' || subject.data[subject.len - 1] == ' ' ||
		subject.data[subject.len - 1] == '-'))
		subject.len--;
	return subject.len > 0 ? subject : writer->portal;
}

/* Its own words, as they are. */
static struct mail_text test_text(struct writer *writer)
{
	buf_add(&writer->body, writer->mail->own_body);
	return (struct mail_text){.from_display = writer->portal,
				  .subject = header_clean(writer->arena, writer->mail->own_subject,
							  OWN_SUBJECT_MAX_CHARS)};
}

static struct mail_text own_text(struct writer *writer, enum texts_name name)
{
	struct texts_words words = texts_standard(name, writer->language);
	if (writer->mail->own_body.len > 0)
		words = (struct texts_words){.subject = writer->mail->own_subject,
					     .body = writer->mail->own_body};
	write_own_body(writer, name, words.body);
	/* Somebody without a name has to register first, and the mail says so. */
	if (writer->mail->kind == MAIL_NOTIFICATION && str_is_empty(writer->name)) {
		add_gap(writer);
		add_line(writer, TEXT_MAIL_NOTIFICATION_NEW, writer->mail->created_ms);
	}
	return (struct mail_text){.from_display = writer->portal,
				  .subject = make_own_subject(writer, name, words.subject)};
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
	enum texts_name name;
	bool is_own = texts_of_mail(mail, &name) &&
		      (mail->own_body.len > 0 || mail->kind == MAIL_WELCOME);
	bool is_test = mail->kind == MAIL_TEST;
	if ((plan == NULL && !is_own && !is_test) || !is_link(mail->link))
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
	struct mail_text text = {.from_display = writer.portal};
	buf_init(&writer.body, LIMIT_MAIL_BYTES);
	if (is_test) {
		text = test_text(&writer);
	} else if (is_own) {
		text = own_text(&writer, name);
	} else {
		text.subject = make_subject(&writer, plan);
		write_lead(&writer, plan);
		write_rest(&writer, plan);
	}
	if (!str_is_empty(writer.sender))
		text.from_display = fill(&writer, TEXT_MAIL_FROM_VIA, mail->created_ms);
	enum err err = writer.body.err;
	text.body = arena_copy(arena, buf_str(&writer.body));
	buf_release(&writer.body);
	TRY(err);
	if (arena->failed)
		return ERR_UNAVAILABLE;
	*ret = text;
	return OK;
}
