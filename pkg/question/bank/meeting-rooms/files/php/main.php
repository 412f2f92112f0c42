<?php

function roomsNeeded(array $meetings): int
{
    // Your code here. A meeting is [start, end].
    return 0;
}

function answer(string $line): int
{
    $meetings = [];
    foreach (preg_split('/ /', $line, -1, PREG_SPLIT_NO_EMPTY) as $meeting) {
        $meetings[] = array_map('floatval', explode('-', $meeting));
    }
    return roomsNeeded($meetings);
}

// Each line of input is one case. Press Run and type one, or run the tests.
while (($line = fgets(STDIN)) !== false) {
    echo answer(trim($line)), "\n";
}
