/* Shared by the tests of requests to sign in the API: two guests, asked to sign documents that are
 * text (core/signing_fake_pdf.c). Include after cmocka.h. */
#pragma once

#include "api/api_file_support.h"
#include "core/signing_fake_pdf.h"

#include <string.h>

#define REQUESTS "/api/v1/signature-requests"
#define PDF_TEXT "%PDF-1.7 the lease\n%%EOF\n"
/* One white pixel. */
#define PIXEL                                                                                      \
	"data:image/png;base64,"                                                                   \
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJg" \
	"gg=="

struct people {
	const char *admin, *gabi, *hugo;
};

static inline const char *register_guest(struct test *t, const char *admin, const char *address,
					 const char *name)
{
	struct str token = STR_NONE;
	call(t, "POST", "/api/v1/messages", admin,
	     arena_printf(&t->f.arena, "{\"to\":[\"%s\"],\"subject\":\"Hello\",\"body\":\"b\"}",
			  address)
		     .data);
	expect(t, 201);
	api_fixture_take_mails(&t->f, address, &token);
	return api_fixture_register(&t->f, token, name);
}

static inline struct people meet(struct test *t)
{
	struct people people = {.admin = sign_in_admin(t)};
	t->f.portal->pdf = signing_fake_workers();
	people.gabi = register_guest(t, people.admin, "gabi@example.org", "Gabi Guest");
	people.hugo = register_guest(t, people.admin, "hugo@example.org", "Hugo Guest");
	return people;
}

static inline const char *upload_pdf(struct test *t, const char *token)
{
	return upload_file(t, token, "lease.pdf", "application/pdf", PDF_TEXT);
}

/* With FILE in place of the file's id, and ' in place of ". */
static inline const char *fill(struct test *t, const char *text, const char *file)
{
	struct buf out;
	struct str rest = str_of(text), mark = STR("FILE");
	buf_init(&out, 1 << 16);
	for (ptrdiff_t at; (at = str_find(rest, mark)) >= 0;
	     rest = str_slice(rest, (size_t)at + mark.len, rest.len)) {
		buf_add(&out, str_slice(rest, 0, (size_t)at));
		buf_add(&out, str_of(file));
	}
	buf_add(&out, rest);
	for (size_t i = 0; i < out.len; i++)
		if (out.data[i] == '\'')
			out.data[i] = '"';
	const char *filled = arena_cstr(&t->f.arena, buf_str(&out));
	buf_release(&out);
	return filled;
}

#define FIELD_A                                                                                    \
	"{'id':'a1','type':'signature','file':'FILE','page':1,'x':72,'y':540.5,'width':180,"       \
	"'height':40,'required':true}"
#define TWO_SIGNERS                                                                                \
	"{'subject':'Lease','body':'Please sign.','files':['FILE'],'signers':["                    \
	"{'email':'gabi@example.org','fields':[" FIELD_A                                           \
	",{'id':'t1','type':'text','file':'FILE','page':2,'x':72,'y':600,'width':100,'height':20," \
	"'required':false,'label':'Place'},{'id':'c1','type':'check','file':'FILE','page':2,"      \
	"'x':300,'y':600,'width':20,'height':20,'required':false}]},"                              \
	"{'email':'hugo@example.org','fields':[{'id':'b1','type':'signature','file':'FILE',"       \
	"'page':2,'x':72,'y':100,'width':180,'height':40}]}],"                                     \
	"'order':'sequence','deadline':'2027-01-01T12:00:00Z','remind_after_days':3}"

static inline const char *request_path(struct test *t, const char *id, const char *after)
{
	return arena_printf(&t->f.arena, REQUESTS "/%s%s", id, after).data;
}

static inline const char *ask(struct test *t, const struct people *people, const char **ret_file)
{
	const char *file = upload_pdf(t, people->admin);
	call(t, "POST", REQUESTS, people->admin, fill(t, TWO_SIGNERS, file));
	expect(t, 201);
	if (ret_file)
		*ret_file = file;
	return keep(t, "id");
}

static inline void act(struct test *t, const char *id, const char *token, const char *what,
		       const char *body)
{
	call(t, "POST", request_path(t, id, what), token, body ? fill(t, body, "") : NULL);
}
