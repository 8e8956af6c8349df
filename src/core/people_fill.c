/* For tests of pages: adds so many people to a portal's data folder, also while it runs.
 *   people_fill DATA COUNT */
#include "core/people_scene.h"
#include "crypto/secret.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	struct portal *portal;
	int64_t count;
	if (argc != 3 || !str_to_int(str_of(argv[2]), &count) || crypto_init() != OK) {
		fprintf(stderr, "Usage: people_fill DATA COUNT\n");
		return 2;
	}
	const struct portal_options options = {.data_dir = str_of(argv[1])};
	enum err err = portal_open(&options, &portal);
	if (err != OK) {
		fprintf(stderr, "people_fill: %s\n", err_name(err));
		return EXIT_FAILURE;
	}
	people_scene_fill(portal, (int)count);
	portal_close(portal);
	return EXIT_SUCCESS;
}
