-- Why a run was cancelled, where the one who did so said it.
ALTER TABLE runs ADD COLUMN cancel_reason TEXT;
