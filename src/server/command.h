/* The commands of the program. Each gets the words after its own and returns the exit status. */
#pragma once

int command_init(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_user(int argc, char **argv);
int command_setting(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_restore(int argc, char **argv);
int command_check(int argc, char **argv);
int command_certificate(int argc, char **argv);
int command_audit(int argc, char **argv);
int command_verify(int argc, char **argv);
