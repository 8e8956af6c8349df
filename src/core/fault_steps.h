/* For tests: steps in which the n-th allocation, query or commit fails, for n = 1, 2, 3 ... until
 * nothing does: each happens wholly or not at all, without a false alarm and without losing a key.
 */
#pragma once

#include "core/core_fixture.h"

struct fault_state {
	struct core_fixture *f;
	struct arena arena; /* of the step alone */
	struct str address; /* that nobody has yet */
	struct str token;
	struct session *session;
	struct id id;
	struct id file_id;
	struct sign_in begun; /* released after the step */
	bool is_prepared;     /* by the try before */
};

struct fault_step {
	const char *name;
	void (*prepare)(struct fault_state *s);
	enum err (*act)(struct fault_state *s);
	bool is_reading; /* keys may have been re-wrapped and marks made before it failed */
	/* What is prepared serves until the act has gone well: so tries are cheap. Only where an
	   act that failed leaves nothing, also no key re-wrapped, by which the next one would take
	   another way. */
	bool is_prepared_once;
};

/* The rest fails the test when it finds something. There is a guest known@example.org. */
void fault_steps_run(struct core_fixture *f, const struct fault_step *steps, size_t step_count);

/* A request in the arena of the step. */
struct cx fault_steps_cx(struct fault_state *s, struct session *session);

void fault_steps_nothing(struct fault_state *s);
/* The guest is signed in and has a message, "One", that nobody has opened. */
void fault_steps_known(struct fault_state *s);

/* P4.3: fails the test where an opening happened by half, whatever else failed. */
void fault_steps_check_openings(struct core_fixture *f, const char *when);
