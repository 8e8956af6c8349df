/* Strict reading of JSON bodies: what is not exactly as described is an error with its field and a
 * sentence; nothing is coerced, guessed or ignored. The only file that includes jansson.h is
 * json_read.c. */
#pragma once

#include "core/form_errors.h"

enum { JSON_READ_FIELDS_MAX = 64 };

/* A body being read. Fields are asked for by name; what nobody asked for is an error at the end. */
struct json_read {
	struct cx *cx;
	struct form_errors *errors;
	void *root;
	const char *path; /* "signers[0].": what its fields' names begin with in errors */
	const char *known[JSON_READ_FIELDS_MAX];
	size_t known_count;
};

enum presence { OPTIONAL, REQUIRED };

/* ERR_INVALID: no JSON object (RFC 8259), nested deeper than LIMIT_JSON_DEPTH, a name twice, a lone
 * surrogate, a NUL, a number out of range. ERR_TOO_LARGE: more values than any request needs. */
enum err json_read_open(struct cx *cx, struct str body, struct form_errors *errors,
			struct json_read *ret) MUST_CHECK;
/* Whether the field is there, whatever it holds. */
bool json_read_has(const struct json_read *read, const char *field);
/* The value of a field, copied to the arena; empty, with an error where that is one, if it is
 * missing or of another type. */
struct str json_read_text(struct json_read *read, const char *field, enum presence presence);
/* A whole number, at least `least`; 0, with an error where that is one, if it is missing or none.
 */
int64_t json_read_int(struct json_read *read, const char *field, int64_t least,
		      enum presence presence);
/* Whether it is null: only then it counts as asked for. */
bool json_read_null(struct json_read *read, const char *field);
bool json_read_bool(struct json_read *read, const char *field, enum presence presence);
/* A list of texts; at most `max`, else an error. ERR_UNAVAILABLE without memory. */
enum err json_read_texts(struct json_read *read, const char *field, size_t max, struct str **ret,
			 size_t *ret_count) MUST_CHECK;
/* An object of booleans: bit i of *ret_on for names[i] true, of *ret_off for false. Any other name
 * or value is an error of the field. */
void json_read_flags(struct json_read *read, const char *field, const char *const *names,
		     size_t count, unsigned *ret_on, unsigned *ret_off);
/* A number, whole or not, from `least` to `most`. */
double json_read_number(struct json_read *read, const char *field, double least, double most,
			enum presence presence);
/* A whole one, however it is written: 2 or 2.0. */
int64_t json_read_whole(struct json_read *read, const char *field, int64_t least, int64_t most,
			enum presence presence);
/* A list of objects, at most `max`, each to be read as the body is, json_read_end() included. They
 * live as long as it does and are not closed. Their errors are named "FIELD[0].x". */
enum err json_read_objects(struct json_read *read, const char *field, size_t max,
			   struct json_read **ret, size_t *ret_count) MUST_CHECK;
/* An object within the body; false, told as an error if it is one, when there is none. */
bool json_read_object(struct json_read *read, const char *field, enum presence presence,
		      struct json_read *ret);
/* An object of texts, as name and value; true is the text "on" and false an empty one. */
struct json_entry {
	struct str name, value;
	bool is_flag; /* true or false */
};
enum err json_read_entries(struct json_read *read, const char *field, size_t max,
			   struct json_entry **ret, size_t *ret_count) MUST_CHECK;
/* An error of a field; its name with the path before it. */
void json_read_tell(struct json_read *read, const char *field, enum text_id sentence);
/* Tells of fields nobody asked for. ERR_INVALID if there are any errors by now. */
enum err json_read_end(struct json_read *read) MUST_CHECK;
/* Wipes and frees. */
void json_read_close(struct json_read *read);

#define CLEANUP_JSON_READ __attribute__((cleanup(json_read_close)))
