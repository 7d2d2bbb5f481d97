-- Where in a thread's log a run (or an attempt of it) begins, and where the API changed its state: readers of the whole
-- thread go from one log to the next. Other batches have no entry, so that logging them costs what it did.
CREATE INDEX event_batches_by_start ON event_batches (thread_id, first_seq)
  WHERE instr(substr(data, 1, 60), X'0A6576656E743A206D657461646174610A') > 0
    OR instr(substr(data, 1, 60), X'0A6576656E743A2073746174655F7570646174650A') > 0;
