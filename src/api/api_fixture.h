/* For tests: a real portal in a folder of its own, on either engine, spoken to through dispatch()
 * without sockets. */
#pragma once

#include "core/portal.h"
#include "http/route.h"
#include "store/store_fixture.h"

#include <jansson.h>

enum { API_FIXTURE_HEADERS = 12, API_FIXTURE_OWN_HEADERS = 6 };

struct api_fixture_clock {
	struct clock clock;
	int64_t now_ms; /* tests move it */
};

struct api_fixture {
	struct store_fixture place;
	char folder[64];
	struct api_fixture_clock clock;
	struct portal *portal;
	struct site site;
	struct arena arena; /* lives until api_fixture_release() */
	struct str set_up_token;
};

/* What came back; freed by api_fixture_answer_release(). */
struct api_answer {
	int status;
	char content_type[64];
	char body[1 << 18];           /* NUL-terminated */
	json_t *json;                 /* NULL: the body is none */
	char headers[2048];           /* "Name: value\n" each */
	struct stream_source *stream; /* NULL: the body is whole */
};

/* Ends the program if anything fails. */
void api_fixture_init(struct api_fixture *fixture, bool is_postgres, enum custody custody);
void api_fixture_release(struct api_fixture *fixture);

struct api_call {
	const char *method; /* "GET", "POST" ... */
	const char *path;   /* with its query */
	const char *token;  /* NULL: none */
	struct str body;
	const char *content_type;                       /* NULL: application/json */
	const char *idempotency_key;                    /* NULL: none */
	const char *last_event;                         /* Last-Event-ID; NULL: none */
	struct header headers[API_FIXTURE_OWN_HEADERS]; /* further ones, up to one without a name */
	bool is_of_unknown_length;                      /* its body comes in chunks */
};
/* One exchange. The last answer is given up first. */
void api_fixture_call(struct api_fixture *fixture, const struct api_call *call,
		      struct api_answer *answer);
void api_fixture_answer_release(struct api_answer *answer);
/* The next piece of a streamed answer, in answer->body. */
enum stream_next api_fixture_next_piece(struct api_answer *answer);

/* A setting of the portal, by its stored name. */
void api_fixture_set(struct api_fixture *fixture, const char *name, struct str value);

/* A context without a person, as jobs have it. */
struct cx api_fixture_cx(struct api_fixture *fixture);
/* Takes every mail out of the queue, as accepted by the server; returns how many there were to this
 * address (NULL: to anybody). If one is an invitation, or about
 * an address, its link's token goes to ret_token. */
size_t api_fixture_take_mails(struct api_fixture *fixture, const char *address,
			      struct str *ret_token);
/* Registers by a token; the session's token, in the fixture's arena. */
const char *api_fixture_register(struct api_fixture *fixture, struct str token, const char *name);
extern const char *const api_fixture_password;
