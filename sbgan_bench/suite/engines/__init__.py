"""Where jobs are carried out: each module one executor."""
