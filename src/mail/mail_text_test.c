#include "base/log.h"
#include "core/texts.h"
#include "mail/letter.h"
#include "mail/mail_text.h"

#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

#define LINK                                                                                       \
	"https://mail.example.com/register/"                                                       \
	"AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdEfGhIjKlMnOpQrStUvWxYz"
#define NOV_22 INT64_C(1795381500000) /* 22 Nov 2026, 21:05 UTC */
#define DEC_6 (NOV_22 + 14 * DAY_MS)

static struct outbox_mail usual(enum mail_kind kind)
{
	struct outbox_mail mail = {
		.kind = kind,
		.to_address = STR("anna@example.com"),
		.to_name = STR("Anna Lee"),
		.from_name = STR("Ben Carter"),
		.link = STR(LINK),
		.created_ms = NOV_22,
		.count = kind == MAIL_SUMMARY ? 3 : 1,
		.expires_ms = kind == MAIL_INVITATION || kind == MAIL_RESET ||
					      kind == MAIL_ADDRESS || kind == MAIL_ADDRESS_CHANGED
				      ? DEC_6
				      : 0,
	};
	mail.id = (struct id){"01ARZ3NDEKTSV4RRFFQ69G5FAV"};
	return mail;
}

static bool is_own(enum mail_about about)
{
	return about == ABOUT_OWN_TURN || about == ABOUT_OWN_REMINDER;
}

static bool asks(enum mail_about about)
{
	return about <= ABOUT_REMINDER || is_own(about);
}

/* Of documents to sign (P6). */
static struct outbox_mail usual_about(enum mail_about about)
{
	bool is_first = about <= ABOUT_TURN || about == ABOUT_OWN_TURN;
	struct outbox_mail mail = usual(is_first ? MAIL_NOTIFICATION : MAIL_SIGNING);
	mail.about = about;
	mail.documents = 1;
	mail.expires_ms = asks(about) ? DEC_6 : 0;
	return mail;
}

static size_t count_of(struct str text, struct str part)
{
	size_t count = 0;
	for (ptrdiff_t at; (at = str_find(text, part)) >= 0; count++)
		text = str_slice(text, (size_t)at + part.len, text.len);
	return count;
}

static void assert_has(struct str text, const char *part, bool is_wanted)
{
	if ((str_find(text, str_of(part)) >= 0) != is_wanted)
		fail_msg("%s \"%s\":\n%.*s", is_wanted ? "lacks" : "must not say", part,
			 STR_ARGS(text));
}

/* P3.1, P3.2: who, where, what to do, one link, until when, what if unexpected. */
static const struct {
	enum mail_kind kind;
	const char *subject;
	const char *says[6];
} kinds[] = {
	{MAIL_NOTIFICATION,
	 "A message from Ben Carter is waiting at Example Clinic",
	 {"Hello Anna Lee,\n", "Ben Carter", "Example Clinic", "Sign in to read it",
	  "for you alone", "If you do not expect"}},
	{MAIL_INVITATION,
	 "Ben Carter invites you to Example Clinic",
	 {"Ben Carter invites you", "Example Clinic", "choose your name and a password", "personal",
	  "6 Dec 2026", "leave this mail\nalone"}},
	{MAIL_RESET,
	 "Choose a new password for Example Clinic",
	 {"Example Clinic", "continue here", "personal", "works once", "6 Dec 2026",
	  "stays as it is"}},
	{MAIL_PASSWORD_CHANGED,
	 "Your password for Example Clinic was changed",
	 {"Example Clinic", "22 Nov 2026", "nothing to do", "choose a new password at once",
	  "signed out", "did not change it"}},
	{MAIL_ADDRESS,
	 "Confirm this e-mail address for Example Clinic",
	 {"Example Clinic", "If the account is yours", "personal", "works once", "6 Dec 2026",
	  "Without your password"}},
	{MAIL_ADDRESS_CHANGED,
	 "Your e-mail address at Example Clinic was changed",
	 {"Example Clinic", "22 Nov 2026", "turn it back at once", "still arrives", "6 Dec 2026",
	  "did not change it"}},
	{MAIL_ADDRESS_GONE,
	 "Your e-mail address at Example Clinic was changed",
	 {"Example Clinic", "22 Nov 2026", "does not reach your account", "tell the people",
	  "as before", "leave this mail alone"}},
	{MAIL_SUMMARY,
	 "3 messages are waiting at Example Clinic",
	 {"Hello Anna Lee,\n", "3 messages have come", "Example Clinic", "Sign in to read them",
	  "to your Inbox", "one mail an hour"}},
};

static void each_kind_says_what_it_must(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct outbox_mail mail = usual(kinds[i].kind);
		struct mail_text text;
		arena_init(&arena, 1 << 20);
		assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), OK);
		assert_true(str_eq(text.from_display, STR("Ben Carter via Example Clinic")));
		if (!str_eq(text.subject, str_of(kinds[i].subject)))
			fail_msg("%.*s", STR_ARGS(text.subject));
		for (size_t j = 0; j < 6; j++)
			assert_has(text.body, kinds[i].says[j], true);
		assert_int_equal(count_of(text.body, STR("\n" LINK "\n")), 1);
		assert_int_equal(count_of(text.body, STR("://")), 1);
		assert_has(text.body, "{", false);
		assert_has(text.body, "\n\n\n", false);
	}
}

static const struct {
	enum mail_about about;
	const char *subject, *several, *shown, *nobody;
	const char *says[5];
} abouts[] = {
	{ABOUT_SIGN,
	 "Ben Carter asks you to sign a document at Example Clinic",
	 "Ben Carter asks you to sign 3 documents at Example Clinic",
	 "Ben Carter at Example Clinic asks you to sign: Lease",
	 "A document to sign is waiting at Example Clinic",
	 {"Hello Anna Lee,\n", "Ben Carter asks you to sign", "it is not in this mail",
	  "or to decline", "leave this mail alone"}},
	{ABOUT_TURN,
	 "It is your turn to sign the document from Ben Carter at Example Clinic",
	 "It is your turn to sign the documents from Ben Carter at Example Clinic",
	 "Your turn to sign, from Ben Carter at Example Clinic: Lease",
	 "It is your turn to sign a document at Example Clinic",
	 {"Those before you have signed", "Ben Carter", "your turn", "or to decline",
	  "leave this mail alone"}},
	{ABOUT_REMINDER,
	 "A document from Ben Carter still waits for you at Example Clinic",
	 "Documents from Ben Carter still wait for you at Example Clinic",
	 "Still to sign, from Ben Carter at Example Clinic: Lease",
	 "A document to sign still waits for you at Example Clinic",
	 {"still waits for your signature", "Ben Carter", "or to decline",
	  "decline on the same page", "no more of these reminders"}},
	{ABOUT_COMPLETED,
	 "Everybody has signed the document from Ben Carter at Example Clinic",
	 "Everybody has signed the documents from Ben Carter at Example Clinic",
	 "Signed by everybody, from Ben Carter at Example Clinic: Lease",
	 "Everybody has signed your document at Example Clinic",
	 {"Everybody has signed", "signed document is ready", "who signed when", "keep a copy",
	  "asked to watch"}},
	{ABOUT_DECLINED,
	 "Ben Carter has declined to sign a document at Example Clinic",
	 "Ben Carter has declined to sign documents at Example Clinic",
	 "Ben Carter at Example Clinic has declined to sign: Lease",
	 "Somebody has declined to sign a document at Example Clinic",
	 {"has declined to sign", "nobody else is asked", "what became of it", "You get this mail",
	  "to watch"}},
	{ABOUT_CANCELLED,
	 "Ben Carter no longer asks you to sign a document at Example Clinic",
	 "Ben Carter no longer asks you to sign documents at Example Clinic",
	 "Ben Carter at Example Clinic has cancelled the signing: Lease",
	 "A document at Example Clinic need not be signed any more",
	 {"has cancelled the signing", "nothing left for you to do", "what became of it",
	  "If you have not signed", "nothing of yours"}},
	{ABOUT_EXPIRED,
	 "The time to sign the document from Ben Carter at Example Clinic is over",
	 "The time to sign the documents from Ben Carter at Example Clinic is over",
	 "The time to sign is over, from Ben Carter at Example Clinic: Lease",
	 "The time to sign your document at Example Clinic is over",
	 {"is over", "not everybody has signed", "who has signed and who has not", "sent again",
	  "new deadline"}},
	{ABOUT_OWN_TURN,
	 "It is your turn to sign your document at Example Clinic",
	 "It is your turn to sign your documents at Example Clinic",
	 "Example Clinic: your turn to sign: Lease",
	 "It is your turn to sign your document at Example Clinic",
	 {"Those before you have signed", "your own signature", "and then to sign:\n",
	  "you asked to sign", "cancel the request"}},
	{ABOUT_OWN_REMINDER,
	 "Your document still waits for your own signature at Example Clinic",
	 "Your documents still wait for your own signature at Example Clinic",
	 "Example Clinic: still to sign: Lease",
	 "Your document still waits for your own signature at Example Clinic",
	 {"still waits for your own signature", "how it stands", "and then to sign:\n",
	  "cancel the request", "no more of these reminders"}},
};
enum { ABOUTS = sizeof(abouts) / sizeof(abouts[0]) };
_Static_assert(ABOUTS == MAIL_ABOUTS - 1, "each is looked at");

static void documents_to_sign_have_words_of_their_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < ABOUTS; i++) {
		struct arena arena CLEANUP_ARENA;
		struct outbox_mail mail = usual_about(abouts[i].about);
		struct mail_text text;
		arena_init(&arena, 1 << 20);
		assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), OK);
		if (!str_eq(text.subject, str_of(abouts[i].subject)))
			fail_msg("%.*s", STR_ARGS(text.subject));
		for (size_t j = 0; j < 5; j++)
			assert_has(text.body, abouts[i].says[j], true);
		assert_has(text.body, "Please sign by 6 Dec 2026", asks(abouts[i].about));
		/* Whoever asks cannot decline: they cancel. */
		assert_has(text.body, "to decline",
			   asks(abouts[i].about) && !is_own(abouts[i].about));
		assert_int_equal(count_of(text.body, STR("\n" LINK "\n")), 1);
		assert_int_equal(count_of(text.body, STR("://")), 1);
		assert_has(text.body, "{", false);
		assert_has(text.body, "\n\n\n", false);
		assert_has(text.body, "Lease", false);
		/* One document is one. */
		assert_has(text.body, "documents", false);
		mail.documents = 3;
		assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), OK);
		if (!str_eq(text.subject, str_of(abouts[i].several)))
			fail_msg("%.*s", STR_ARGS(text.subject));
		assert_has(text.body, "documents", true);
		mail.documents = 1;
		/* P3.1 */
		mail.subject = STR("Lease");
		assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), OK);
		if (!str_eq(text.subject, str_of(abouts[i].shown)))
			fail_msg("%.*s", STR_ARGS(text.subject));
		assert_has(text.body, "about: Lease\n", true);
		mail.subject = mail.from_name = mail.to_name = STR_NONE;
		mail.expires_ms = 0;
		assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), OK);
		if (!str_eq(text.subject, str_of(abouts[i].nobody)))
			fail_msg("%.*s", STR_ARGS(text.subject));
		assert_has(text.body, "Please sign by", false);
		assert_has(text.body, "  ", false);
		/* Who has no name yet has to register first; only a notification may be the first
		 * mail that they get. */
		assert_has(text.body, "Are you new here?", mail.kind == MAIL_NOTIFICATION);
		mail.subject = STR("Lease");
		assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), OK);
		assert_has(text.subject, "Lease", true);
		assert_has(text.subject, "Example Clinic: ", true);
	}
}

static void what_is_unknown_is_left_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct outbox_mail mail = usual(kinds[i].kind);
		struct mail_text text;
		arena_init(&arena, 1 << 20);
		mail.to_name = mail.from_name = STR_NONE;
		mail.expires_ms = 0;
		assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), OK);
		assert_true(str_eq(text.from_display, STR("Example Clinic")));
		assert_true(str_starts_with(text.body, STR("Hello,\n")));
		assert_has(text.body, "is good until", false);
		assert_has(text.body, "  ", false);
		assert_has(text.subject, "  ", false);
		/* Somebody without a name has not registered: a notification tells them where to
		 * begin. */
		assert_has(text.body, "Are you new here?", kinds[i].kind == MAIL_NOTIFICATION);
	}
}

static void the_subject_only_if_the_portal_allows(void **state)
{
	(void)state;
	struct arena arena CLEANUP_ARENA;
	struct outbox_mail mail = usual(MAIL_NOTIFICATION);
	struct mail_text text;
	arena_init(&arena, 1 << 20);
	assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), OK);
	assert_has(text.body, "about", false);
	mail.subject = STR("Your X-ray, 3.5 mg");
	assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), OK);
	assert_has(text.body, "about: Your X-ray, 3.5 mg\n", true);
	assert_has(text.subject, "Your X-ray", true);
}

static const struct {
	const char *sentence;
	struct str name;
	const char *shown;
} names[] = {
	{"a name cannot bring a link along", STR("https://evil.example/x Anna"),
	 "https: //evil. example/x Anna"},
	{"nor a bare domain", STR("see www.evil.example"), "see www. evil. example"},
	{"nor an address", STR("eve@evil.example"), "eve@ evil. example"},
	{"nor lines", STR("Anna\r\n\r\nhttps://evil.example"), "Anna https: //evil. example"},
	{"nor placeholders", STR("{link} %n {{7*7}} ${7*7}"), "{link} %n {{7*7}} ${7*7}"},
	{"titles and initials stay", STR("Dr. A. Lee"), "Dr. A. Lee"},
};

static void names_bring_nothing_along(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct outbox_mail mail = usual(MAIL_NOTIFICATION);
		struct mail_text text;
		arena_init(&arena, 1 << 20);
		mail.from_name = mail.to_name = mail.subject = names[i].name;
		print_message("# %s\n", names[i].sentence);
		assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), OK);
		assert_has(text.body, names[i].shown, true);
		assert_has(text.subject, names[i].shown, true);
		assert_int_equal(count_of(text.body, STR("://")), 1);
	}
}

/* ---- what an administrator has written (P3.3) ---- */

static const struct {
	const char *sentence, *subject, *body;
	const char *shown_subject, *shown;
} own[] = {
	{"every placeholder is filled", "{sender} at {portal} on {date}",
	 "Dear {name} <{address}>, {subject}: {link}",
	 "Ben Carter at Example Clinic on 22 Nov 2026, 21:05",
	 "Dear Anna Lee <anna@example.com>, Lease: " LINK "\n"},
	{"what is none stays as it is", "{nosuch} {Portal} {", "{until} {}} {a b} {link} {nosuch}",
	 "{nosuch} {Portal} {", "{until} {}} {a b} " LINK " {nosuch}\n"},
	{"no link and no address in a subject", "{link} {address}", "{link}", "{link} {address}",
	 LINK "\n"},
	{"a subject brings no fields along", "Hi\r\nBcc: eve@example.com\x07", "{link}",
	 "Hi Bcc: eve@example.com", LINK "\n"},
	{"no subject is the portal's name", "", "{link}", "Example Clinic", LINK "\n"},
};

static void an_administrators_words_are_sent(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct outbox_mail mail = usual(MAIL_NOTIFICATION);
		struct mail_text text;
		arena_init(&arena, 1 << 20);
		mail.subject = STR("Lease");
		mail.own_subject = str_of(own[i].subject);
		mail.own_body = str_of(own[i].body);
		print_message("# %s\n", own[i].sentence);
		assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), OK);
		if (!str_eq(text.subject, str_of(own[i].shown_subject)))
			fail_msg("%.*s", STR_ARGS(text.subject));
		if (!str_eq(text.body, str_of(own[i].shown)))
			fail_msg("%.*s", STR_ARGS(text.body));
	}
}

/* P2.7: "https://evil.example/?u={link}" would hand the link to whoever wrote the text. */
static void the_link_is_part_of_no_other(void **state)
{
	(void)state;
	static const struct {
		const char *before, *shown;
	} rows[] = {
		{"https://evil.example/?u=", "https://evil.example/?u= "},
		{"www.evil.example/", "www.evil.example/ "},
		{"https://evil.example/(", "https://evil.example/( "},
		{"https://evil.example/<", "https://evil.example/< "},
		{"evil.example\xc2\xa0", "evil.example\xc2\xa0 "},
		{"{link}", LINK " "},
		{"{nosuch}", "{nosuch} "},
		{"Here:", "Here: "},
		{"Here: ", "Here: "},
		{"(", "("},
		{"Here: <", "Here: <"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct outbox_mail mail = usual(MAIL_RESET);
		struct mail_text text;
		arena_init(&arena, 1 << 20);
		mail.own_subject = STR("Hi");
		mail.own_body = arena_printf(&arena, "%s{link}", rows[i].before);
		assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), OK);
		struct str shown = arena_printf(&arena, "%s" LINK "\n", rows[i].shown);
		if (!str_eq(text.body, shown))
			fail_msg("%.*s", STR_ARGS(text.body));
	}
}

/* What there is not takes its line along. */
static void own_words_say_nothing_of_what_there_is_not(void **state)
{
	(void)state;
	struct arena arena CLEANUP_ARENA;
	struct outbox_mail mail = usual(MAIL_NOTIFICATION);
	struct mail_text text;
	arena_init(&arena, 1 << 20);
	mail.to_name = mail.from_name = STR_NONE;
	mail.own_subject = STR("From {sender}: {subject}");
	mail.own_body = STR("Hello {name},\n\nAbout: {subject}\n\n{sender}\n{link}\n");
	assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), OK);
	assert_true(str_eq(text.subject, STR("From Example Clinic")));
	assert_true(str_starts_with(text.body, STR("Hello,\n\nExample Clinic\n" LINK "\n\n")));
	/* Somebody without a name has to register first, and is told so in any case. */
	assert_has(text.body, "Are you new here?", true);
}

static void names_bring_nothing_into_own_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct outbox_mail mail = usual(MAIL_NOTIFICATION);
		struct mail_text text;
		arena_init(&arena, 1 << 20);
		mail.from_name = mail.to_name = mail.subject = names[i].name;
		mail.to_address = STR("anna+www.evil.example/x@example.com");
		mail.own_subject = STR("{sender} {name} {subject}");
		mail.own_body = STR("{sender} {name} {subject} {address}\n{link}\n");
		assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), OK);
		assert_has(text.body, names[i].shown, true);
		assert_has(text.subject, names[i].shown, true);
		assert_int_equal(count_of(text.body, STR("://")), 1);
		assert_int_equal(count_of(text.body, STR(LINK)), 1);
		assert_has(text.body, "anna+www. evil. example/x@ example. com", true);
	}
}

/* What stands in the editor is what is sent: the portal's own words, filled, are the mail that goes
 * out as long as nobody has changed it. */
static void the_editor_begins_with_what_is_sent(void **state)
{
	static const enum mail_kind same[] = {MAIL_INVITATION, MAIL_NOTIFICATION, MAIL_RESET,
					      MAIL_PASSWORD_CHANGED};
	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct outbox_mail mail = usual(same[i]);
		struct mail_text before, after;
		enum texts_name name;
		arena_init(&arena, 1 << 20);
		assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &before), OK);
		assert_true(texts_of_mail(&mail, &name));
		struct texts_words words = texts_standard(name, language_find(STR("en")));
		mail.own_subject = words.subject;
		mail.own_body = words.body;
		assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &after), OK);
		if (!str_eq(before.body, after.body) || !str_eq(before.subject, after.subject))
			fail_msg("%.*s\n%.*s\nis not\n%.*s\n%.*s", STR_ARGS(after.subject),
				 STR_ARGS(after.body), STR_ARGS(before.subject),
				 STR_ARGS(before.body));
	}
}

static void no_link_no_mail(void **state)
{
	(void)state;
	static const char *const links[] = {"", "javascript:x", "/register/x", "https://a b",
					    "https://a\nb"};
	struct arena arena CLEANUP_ARENA;
	struct outbox_mail mail = usual(MAIL_INVITATION);
	struct mail_text text;
	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		mail.link = str_of(links[i]);
		assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text),
				 ERR_INVALID);
	}
	mail = usual(MAIL_SIGNING);
	assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), ERR_INVALID);
	mail.about = MAIL_ABOUTS;
	assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), ERR_INVALID);
	mail = usual((enum mail_kind)(MAIL_ADDRESS_GONE + 1));
	assert_int_equal(mail_text_make(&arena, STR("Example Clinic"), &mail, &text), ERR_INVALID);
}

/* ---- the whole letter, and what a spam filter says ---- */

static int64_t now_ms(const struct clock *clock)
{
	(void)clock;
	return clock_now_ms(&clock_system);
}

/* Names as they come: plain, none, other scripts, long, shouting. */
static const struct {
	const char *portal, *from, *to;
} people[] = {
	{"Example Clinic", "Ben Carter", "Anna Lee"},
	{"My Portal", "", ""},
	{"Z\xc3\xbcrcher \xc3\x84rztehaus", "Zo\xc3\xab M\xc3\xbcller", "J\xc3\xb6rg"},
	{"\xe6\x9d\xb1\xe4\xba\xac\xe7\x97\x85\xe9\x99\xa2",
	 "\xe5\xb1\xb1\xe7\x94\xb0\xe5\xa4\xaa\xe9\x83\x8e", "\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0"},
	{"O'Neill & Daughters, Attorneys \"at law\"",
	 "Prof. Dr. Dr. h. c. mult. Maximilian Alexander von und zu Example-Longname",
	 "a very long name that somebody typed without any capitals and that goes on for quite a "
	 "while here"},
	{"EXAMPLE BANK", "BEN CARTER", "ANNA LEE"},
};
enum {
	PEOPLE = sizeof(people) / sizeof(people[0]),
	KINDS = 5 + ABOUTS,
	LETTERS = PEOPLE * KINDS,
	FILES = LETTERS + 1
};

static struct str make_letter(struct arena *arena, size_t number)
{
	static const struct clock clock = {.now_ms = now_ms};
	size_t who = number / KINDS;
	struct portal portal = {
		.clock = &clock,
		.settings = &(const struct settings){.name = str_of(people[who].portal),
						     .url = STR("https://mail.example.com")},
	};
	struct cx cx = {.arena = arena, .portal = &portal};
	size_t kind = number % KINDS + 1;
	struct outbox_mail mail = kind <= MAIL_SUMMARY
					  ? usual((enum mail_kind)kind)
					  : usual_about((enum mail_about)(kind - MAIL_SUMMARY));
	struct letter letter;
	mail.from_name = str_of(people[who].from);
	mail.to_name = str_of(people[who].to);
	assert_int_equal(letter_make(&cx, &mail, STR("postern@example.com"), false, &letter), OK);
	return letter.bytes;
}

static void letters_are_addressed(void **state)
{
	(void)state;
	struct arena arena CLEANUP_ARENA;
	const struct settings settings = {.name = STR("Example Clinic"),
					  .url = STR("https://mail.example.com:8443")};
	struct portal portal = {.clock = &clock_system, .settings = &settings};
	struct cx cx = {.arena = &arena, .portal = &portal};
	struct outbox_mail mail = usual(MAIL_NOTIFICATION);
	struct letter letter;
	arena_init(&arena, 1 << 20);
	mail.to_address = STR("Anna@b\xc3\xbc"
			      "cher.example");
	assert_int_equal(letter_make(&cx, &mail, STR("postern@example.com"), false, &letter), OK);
	assert_true(str_eq(letter.to, STR("Anna@xn--bcher-kva.example")));
	assert_has(letter.bytes, "<Anna@xn--bcher-kva.example>\r\n", true);
	assert_has(letter.bytes,
		   "From: \"Ben Carter via Example Clinic\" <postern@example.com>\r\n", true);
	assert_has(letter.bytes, "Message-ID: <01ARZ3NDEKTSV4RRFFQ69G5FAV@mail.example.com>\r\n",
		   true);
	assert_has(letter.bytes, "\r\n" LINK "\r\n", true);
	mail.to_address = STR("anna");
	assert_int_equal(letter_make(&cx, &mail, STR("postern@example.com"), false, &letter),
			 ERR_INVALID);
}

static void write_letters(const char *folder, char *ret_paths[FILES])
{
	for (size_t i = 0; i < FILES; i++) {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, 1 << 20);
		struct str bytes = make_letter(&arena, i % LETTERS);
		/* The last lacks its first field, the date: the filter must complain, or it proves
		 * nothing. */
		if (i == LETTERS)
			bytes = str_slice(bytes, (size_t)str_find_char(bytes, '\n') + 1, bytes.len);
		assert_true(asprintf(&ret_paths[i], "%s/%02zu.eml", folder, i) > 0);
		FILE *file = fopen(ret_paths[i], "wb");
		assert_non_null(file);
		assert_int_equal(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
		assert_int_equal(fclose(file), 0);
	}
}

/* Runs SpamAssassin once over all files: starting it costs a second. What it learned from others'
 * mail says nothing here, and waiting for its lock takes long. */
static FILE *start_filter(char *paths[FILES], pid_t *ret_pid)
{
	static char program[] = "spamassassin", offline[] = "-L", test[] = "-t",
		    no_preferences[] = "-x", no_learning[] = "--cf=use_bayes 0";
	char *arguments[FILES + 6] = {program, offline, test, no_preferences, no_learning};
	posix_spawn_file_actions_t actions;
	int ends[2];
	memcpy(arguments + 5, paths, FILES * sizeof(char *));
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	int failed = posix_spawnp(ret_pid, arguments[0], &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (failed == 0)
		return fdopen(ends[0], "r");
	close(ends[0]);
	return NULL;
}

/* P3.2 */
static void spam_filters_like_them(void **state)
{
	(void)state;
	char folder[] = "/tmp/postern-mail-XXXXXX", *paths[FILES], line[4096];
	double scores[FILES], score;
	size_t scored = 0;
	pid_t pid;
	int status;
	assert_non_null(mkdtemp(folder));
	write_letters(folder, paths);
	FILE *output = start_filter(paths, &pid);
	while (output && fgets(line, sizeof(line), output)) {
		if (scored < FILES &&
		    sscanf(line, "Content analysis details: (%lf points", &score) == 1)
			scores[scored++] = score;
	}
	for (size_t i = 0; i < FILES; i++) {
		unlink(paths[i]);
		free(paths[i]);
	}
	rmdir(folder);
	if (output == NULL) {
		print_message("# SpamAssassin is not installed: its opinion is not tested\n");
		skip();
	}
	fclose(output);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(scored, FILES);
	for (size_t i = 0; i < LETTERS; i++) {
		if (scores[i] >= 1.0)
			fail_msg("letter %zu scores %.1f", i, scores[i]);
	}
	assert_true(scores[LETTERS] >= 1.0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_says_what_it_must),
		cmocka_unit_test(documents_to_sign_have_words_of_their_own),
		cmocka_unit_test(what_is_unknown_is_left_out),
		cmocka_unit_test(the_subject_only_if_the_portal_allows),
		cmocka_unit_test(names_bring_nothing_along),
		cmocka_unit_test(an_administrators_words_are_sent),
		cmocka_unit_test(the_link_is_part_of_no_other),
		cmocka_unit_test(own_words_say_nothing_of_what_there_is_not),
		cmocka_unit_test(names_bring_nothing_into_own_words),
		cmocka_unit_test(the_editor_begins_with_what_is_sent),
		cmocka_unit_test(no_link_no_mail),
		cmocka_unit_test(letters_are_addressed),
		cmocka_unit_test(spam_filters_like_them),
	};
	(void)argv;
	if (argc > 1) { /* shows the letters, for those who write the texts */
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, 64 << 20);
		for (size_t i = 0; i < LETTERS; i++)
			printf("%.*s\n----------\n", STR_ARGS(make_letter(&arena, i)));
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
