-- JSON: whose a cron's runs are, as the project's auth code said when it was made, and what the metadata of threads must say that they make.
ALTER TABLE crons ADD COLUMN owner TEXT;
