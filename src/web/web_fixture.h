/* For tests of pages: a browser without a socket. Requests go through dispatch() against a whole
 * portal. */
#pragma once

#include "core/core_fixture.h"
#include "http/route.h"

struct web_fixture {
	struct core_fixture core;
	struct site site;
};

/* What came back; everything is in the fixture's arena. */
struct web_answer {
	int status;
	struct str body;
	struct str location;
	struct str cookie; /* the whole Set-Cookie; empty: none */
	struct str device; /* the whole Set-Cookie of the device; empty: none */
	struct str clear;  /* Clear-Site-Data */
	struct str policy; /* Content-Security-Policy */
};

void web_fixture_init(struct web_fixture *fixture, enum custody custody);
void web_fixture_release(struct web_fixture *fixture);
/* The cookie's value for somebody who signs in with CORE_FIXTURE_PASSWORD. */
struct str web_fixture_sign_in(struct web_fixture *fixture, struct str address);
/* Paths may hold a query. token: of the session, or empty. */
struct web_answer web_fixture_get(struct web_fixture *fixture, struct str path, struct str token);
struct web_answer web_fixture_head(struct web_fixture *fixture, struct str path, struct str token);
struct web_answer web_fixture_post(struct web_fixture *fixture, struct str path, struct str form,
				   struct str token);
/* Somebody follows a link of another site. */
struct web_answer web_fixture_get_from_elsewhere(struct web_fixture *fixture, struct str path,
						 struct str token);
/* A form sent by a page of another site. */
struct web_answer web_fixture_post_from_elsewhere(struct web_fixture *fixture, struct str path,
						  struct str form, struct str token);
/* A form with files: name of each, and its bytes; as multipart/form-data. */
struct web_upload {
	struct str name;
	struct str bytes;
};
struct web_answer web_fixture_post_files(struct web_fixture *fixture, struct str path,
					 const struct web_upload *files, size_t count,
					 struct str token);
/* The value of the session cookie in Set-Cookie. */
struct str web_fixture_token(const struct web_answer *answer);
