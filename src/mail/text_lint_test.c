/* What is better not written in a mail (P3.3), and whether SpamAssassin thinks so, too. */
#include "base/buf.h"
#include "mail/letter.h"
#include "mail/text_lint.h"

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

#define DEC_6 INT64_C(1796591100000)
#define GOOD                                                                                       \
	"Hello {name},\n\n{sender} has written to you at {portal}. Sign in to read it:\n\n"        \
	"{link}\n\nIf you do not expect a message, you can leave this mail alone.\n"

static int64_t now_ms(const struct clock *clock)
{
	(void)clock;
	return clock_now_ms(&clock_system);
}

struct scene {
	struct arena arena;
	struct clock clock;
	struct settings settings;
	struct portal portal;
	struct cx cx;
};

static void begin(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	arena_init(&scene->arena, 4 << 20);
	scene->clock = (struct clock){.now_ms = now_ms};
	scene->settings = (struct settings){.name = STR("Example Clinic"),
					    .url = STR("https://mail.example.com")};
	scene->portal.clock = &scene->clock;
	scene->portal.settings = &scene->settings;
	scene->cx = (struct cx){.arena = &scene->arena,
				.portal = &scene->portal,
				.language = language_find(STR("en"))};
}

static struct text_warnings lint(enum texts_name name, const char *subject, const char *body)
{
	struct scene scene;
	static struct text_warnings warnings;
	const struct texts_words words = {.subject = str_of(subject ? subject : ""),
					  .body = str_of(body)};
	begin(&scene);
	text_lint(&scene.cx, name, &words, subject != NULL, &warnings);
	for (size_t i = 0; i < warnings.count; i++) {
		const struct text_warning *one = &warnings.items[i];
		if (one->detail.len == 0 || one->advice.len == 0 ||
		    str_find(one->detail, STR("{count}")) >= 0)
			fail_msg("%s: %.*s", one->rule, STR_ARGS(one->detail));
	}
	arena_release(&scene.arena);
	return warnings;
}

/* Each row breaks one rule and no other. */
static const struct {
	const char *subject, *body, *rule;
} rows[] = {
	{"A message from {sender}", GOOD, NULL},
	{NULL, GOOD, NULL},
	{"Hi",
	 "Hello {name},\n\n{sender} has written to you at {portal}. Please sign in to read it.",
	 "missing-link"},
	{"Hi", GOOD "{nosuch}", "unknown-placeholder"},
	{"Hi", GOOD "It is good until {until}.", "unknown-placeholder"},
	{"Hi {link}", GOOD, "subject-placeholder"},
	{"Hi {nosuch}", GOOD, "subject-placeholder"},
	{"", GOOD, "subject-empty"},
	{"{sender} has written something to you which you should read at {portal} before long",
	 GOOD, "subject-long"},
	{"Hi", "Hello {name},\n\n{sender} has written to you. Sign in to read it:\n\n{link}\n",
	 "missing-organisation"},
	{"Hi",
	 "Hello {name},\n\n{sender} has written to you at example clinic. Sign in to "
	 "read:\n\n{link}\n",
	 NULL},
	{"Hi",
	 "Hello {name},\n\nA message is at {portal}. Sign in to read and to answer:\n\n{link}\n",
	 "missing-sender"},
	{"Hi", "{sender} has written to you at {portal}. Sign in to read it:\n\n{link}\n",
	 "missing-greeting"},
	{"Hi", "\n\nGuten Tag\n\n{sender} has written to you at {portal}. Sign in:\n\n{link}\n",
	 NULL},
	{"Hi", GOOD "<b>Soon</b>", "html"},
	{"Hi", GOOD "Call us &nbsp; soon", "html"},
	{"Hi", GOOD "3 < 5 and 7 > 5, <anna@example.com>", NULL},
	{"Hi", GOOD "Our logo: logo.png", "image"},
	{"<b>Hi</b>", GOOD, "html"},
	{"READ THIS from {sender}", GOOD, "shouting"},
	{"Hi", GOOD "PLEASE READ this before you COME", "shouting"},
	{"Hi!!", GOOD, "shouting"},
	{"Hi", GOOD "Our partner is DATEV! Really?", NULL},
	{"Hi", GOOD "Click here to sign in.", "click-here"},
	{"Hi", GOOD "A file is attached.", "attachment"},
	{"Hi", GOOD "You can unsubscribe.", "tracking"},
	{"Hi", GOOD "This is free of charge.", "spam-words"},
	{"Hi", GOOD "We value your freedom.", NULL},
	{"Urgent message from {sender}", GOOD, "spam-words"},
	{"Hi", GOOD "Send us your password.", "spam-words"},
	{"Hi", "Hello {name}, {sender} {link}", "missing-organisation short"},
	{"Hi", GOOD "https://www.example.org/", "foreign-link many-links"},
	{"Hi", GOOD "Look at www.example.org too", "foreign-link many-links"},
	{"Hi", GOOD "{link}", "many-links"},
};

static void each_rule_finds_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text_warnings warnings =
			lint(TEXTS_NOTIFICATION, rows[i].subject, rows[i].body);
		CLEANUP_BUF struct buf told;
		buf_init(&told, 400);
		for (size_t j = 0; j < warnings.count; j++)
			buf_addf(&told, "%s%s", j > 0 ? " " : "", warnings.items[j].rule);
		const char *expected = rows[i].rule ? rows[i].rule : "";
		if (!str_eq(buf_str(&told), str_of(expected)))
			fail_msg("\"%.*s\" for \"%s\" %s, not \"%s\"", STR_ARGS(buf_str(&told)),
				 rows[i].subject, rows[i].body, expected);
	}
}

static void a_long_text_is_told(void **state)
{
	(void)state;
	CLEANUP_BUF struct buf body;
	buf_init(&body, 8000);
	buf_add(&body, STR(GOOD));
	for (int i = 0; i < 70; i++)
		buf_add(&body, STR("We are here for you on all days of the week. "));
	buf_add_char(&body, '\0');
	struct text_warnings warnings = lint(TEXTS_NOTIFICATION, "Hi", buf_str(&body).data);
	assert_int_equal(warnings.count, 1);
	assert_string_equal(warnings.items[0].rule, "long");
}

/* The portal's own texts are only generic. */
static void the_portals_own_are_fine(void **state)
{
	(void)state;
	for (int i = 0; i < TEXTS_COUNT; i++) {
		struct texts_words words =
			texts_standard((enum texts_name)i, language_find(STR("en")));
		char subject[400], body[4000];
		snprintf(subject, sizeof(subject), "%.*s", STR_ARGS(words.subject));
		snprintf(body, sizeof(body), "%.*s", STR_ARGS(words.body));
		struct text_warnings warnings = lint((enum texts_name)i, subject, body);
		if (warnings.count > 0)
			fail_msg("%d: %s", i, warnings.items[0].rule);
	}
}

/* ---- what SpamAssassin says ---- */

#define CLOSE "\n\nWith kind regards\n{portal}\n"
static const struct {
	bool is_good;
	const char *subject, *body;
} texts[] = {
	{true, "{sender} invites you to {portal}",
	 "Hello {name},\n\n{sender} would like to exchange messages with you in private at "
	 "{portal}.\n"
	 "Please choose your name and a password on this page:\n\n{link}\n\nIt is good until "
	 "{until}.\n"
	 "If you do not know {sender}, you can leave this mail alone." CLOSE},
	{true, "Your invitation to {portal}",
	 "Dear client,\n\nletters between you and our office are confidential. That is why "
	 "{sender}\n"
	 "writes to you at {portal}, and not by mail. Please register here:\n\n{link}\n\n"
	 "It takes two minutes. If you have questions, please call our office." CLOSE},
	{true, "A letter from {sender}",
	 "Good day,\n\n{sender} has sent you something that only you should read. You find it at\n"
	 "{portal}:\n\n{link}\n\nThe first time you choose a password. Please keep the link to "
	 "yourself." CLOSE},
	{true, "Your results are here",
	 "Dear {name},\n\nyour results are ready at {portal}. {sender} has written what they mean, "
	 "and\n"
	 "you can answer there.\n\n{link}\n\nDid this mail reach you by mistake? Then please tell "
	 "us." CLOSE},
	{true, "Please register at {portal}",
	 "Hello,\n\nto send you documents we use a portal of our own. {sender} has invited you.\n"
	 "Register once, and from then on you sign in with your mail address:\n\n{link}\n\n"
	 "Questions? Our front desk helps from Monday to Friday." CLOSE},
	{true, "{portal}: an invitation from {sender}",
	 "Gr\xc3\xbc"
	 "ezi\n\n{sender} l\xc3\xa4"
	 "dt Sie ein, Nachrichten vertraulich \xc3\xbc"
	 "ber {portal} auszutauschen.\nBitte w\xc3\xa4hlen Sie hier Ihren Namen und ein "
	 "Passwort:\n\n{link}\n\nDer Link gilt bis {until}." CLOSE},
	{false, "FREE MONEY WAITING FOR YOU!!!",
	 "DEAR FRIEND,\n\nYOU HAVE WON THE LOTTERY! CLAIM YOUR MILLION DOLLARS NOW!!!\n\n{link}\n\n"
	 "ACT NOW, 100% GUARANTEED, NO RISK!" CLOSE},
	{false, "URGENT BUSINESS PROPOSAL",
	 "Dear Friend,\n\nI am the next of kin of the late Mr. Johnson who died with no "
	 "beneficiary and\n"
	 "left the sum of US$15,000,000.00 (fifteen million United States dollars) in a bank "
	 "account.\n"
	 "I want to transfer the funds to your bank account. Contact me: {link}\n\nGod bless "
	 "you." CLOSE},
	{false, "Cheap Viagra and Cialis",
	 "Hello,\n\nBuy Viagra, Cialis and Xanax at our online pharmacy. No prescription needed.\n"
	 "Lowest price, money back guarantee.\n\n{link}" CLOSE},
	{false, "Lose weight now",
	 "Dear friend,\n\nLose weight fast! Amazing weight loss without diet. Satisfaction "
	 "guaranteed.\n"
	 "Click here: {link}\nThis is not spam. To be removed from our list, click below." CLOSE},
	{false, "CONGRATULATIONS YOU ARE A WINNER",
	 "Attn: winner,\n\nYour email address won 850,000.00 Euro in the international lottery "
	 "program.\n"
	 "To claim your prize contact the fiduciary agent with your full name, address, age,\n"
	 "occupation and telephone number. {link}" CLOSE},
	{false, "Your account will be suspended",
	 "Dear customer,\n\nyour account suspended. Please verify your account and confirm your "
	 "password\n"
	 "and credit card number immediately or your account will be closed.\n\n{link}" CLOSE},
	{false, "Make money from home",
	 "Hello,\n\nearn money at home! Extra income of $5000 a week, no experience, risk free.\n"
	 "Work from home and be your own boss. Order now, limited time!\n\n{link}" CLOSE},
	{false, "Low mortgage rates",
	 "Dear homeowner,\n\nyou are pre-approved for a $400,000 home loan at a low fixed rate. "
	 "Your credit\n"
	 "history is not a factor. Refinance your mortgage now, no obligation.\n\n{link}" CLOSE},
	{false, "",
	 "<html><body><a href=\"http://192.0.2.1/x.exe\"><img src=\"http://192.0.2.1/a.gif\"></a>"
	 "CLICK HERE FOR FREE ACCESS!!!</body></html> {link}"},
	{false, "RE: YOUR INHERITANCE FUND",
	 "Attention beneficiary,\n\nI am Barrister John Smith, attorney to the late customer. The "
	 "Central Bank of\n"
	 "Nigeria has approved your inheritance fund of US$ 10.5 million. Send your bank account\n"
	 "details for the wire transfer. This transaction is 100% risk free. {link}" CLOSE},
};
enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

static struct str make_letter(struct scene *scene, size_t at)
{
	struct letter letter;
	const struct outbox_mail mail = {
		.id = {"01ARZ3NDEKTSV4RRFFQ69G5FAV"},
		.kind = MAIL_INVITATION,
		.to_address = STR("anna@post.example"),
		.from_name = STR("Ben Carter"),
		.link = STR("https://mail.example.com/register/"
			    "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdEfGhIjKlMnOpQrStUvWxYz"),
		.created_ms = now_ms(NULL),
		.expires_ms = DEC_6,
		.count = 1,
		.own_subject = str_of(texts[at].subject),
		.own_body = str_of(texts[at].body),
	};
	assert_int_equal(letter_make(&scene->cx, &mail, STR("postern@example.com"), false, &letter),
			 OK);
	return letter.bytes;
}

static void write_letters(const char *folder, char *paths[TEXTS])
{
	for (size_t i = 0; i < TEXTS; i++) {
		struct scene scene;
		begin(&scene);
		struct str bytes = make_letter(&scene, i);
		assert_true(asprintf(&paths[i], "%s/%02zu.eml", folder, i) > 0);
		FILE *file = fopen(paths[i], "wb");
		assert_non_null(file);
		assert_int_equal(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
		assert_int_equal(fclose(file), 0);
		arena_release(&scene.arena);
	}
}

/* As in mail_text_test: once over all, offline, without what it learned of others' mail. */
static FILE *start_filter(char *paths[TEXTS], pid_t *ret_pid)
{
	static char program[] = "spamassassin", offline[] = "-L", test[] = "-t",
		    no_preferences[] = "-x", no_learning[] = "--cf=use_bayes 0";
	char *arguments[TEXTS + 6] = {program, offline, test, no_preferences, no_learning};
	posix_spawn_file_actions_t actions;
	int ends[2];
	memcpy(arguments + 5, paths, TEXTS * sizeof(char *));
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

static void spamassassin_agrees(void **state)
{
	(void)state;
	char folder[] = "/tmp/postern-lint-XXXXXX", *paths[TEXTS], line[4096];
	double scores[TEXTS] = {0}, score;
	size_t scored = 0, spam = 0;
	pid_t pid;
	int status;
	for (size_t i = 0; i < TEXTS; i++) {
		struct text_warnings warnings =
			lint(TEXTS_INVITATION, texts[i].subject, texts[i].body);
		if (texts[i].is_good != (warnings.count == 0))
			fail_msg("%zu is %s: %s", i, texts[i].is_good ? "good" : "bad",
				 warnings.count > 0 ? warnings.items[0].rule : "no warning");
	}
	assert_non_null(mkdtemp(folder));
	write_letters(folder, paths);
	FILE *output = start_filter(paths, &pid);
	while (output && fgets(line, sizeof(line), output))
		if (scored < TEXTS && sscanf(line, "X-Spam-Status: %*[^,], score=%lf", &score) == 1)
			scores[scored++] = score;
	for (size_t i = 0; i < TEXTS; i++) {
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
	assert_int_equal(scored, TEXTS);
	for (size_t i = 0; i < TEXTS; i++) {
		print_message("# %s %.1f %s\n", texts[i].is_good ? "good" : "bad ", scores[i],
			      texts[i].subject);
		spam += scores[i] >= 2.0;
	}
	for (size_t i = 0; i < TEXTS; i++) {
		if (texts[i].is_good && scores[i] >= 1.0)
			fail_msg("%zu is good and scores %.1f", i, scores[i]);
	}
	/* Else it proves nothing. */
	assert_true(spam >= 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_finds_its_own),
		cmocka_unit_test(a_long_text_is_told),
		cmocka_unit_test(the_portals_own_are_fine),
		cmocka_unit_test(spamassassin_agrees),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
