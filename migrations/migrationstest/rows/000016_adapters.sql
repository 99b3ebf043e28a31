INSERT INTO adapters (base, weights, feedback_id, learnt, held_back, right_before, right_after, loss_before, loss_after, adopted, active)
VALUES ('0a1b2c3d', '\x1f8b', 1, 30, 10, 6, 9, 0.9, 0.4, true, true),
       ('0a1b2c3d', '\x1f8b', 2, 40, 12, 9, 8, 0.4, 0.6, false, false);
