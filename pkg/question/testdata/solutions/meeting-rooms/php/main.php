<?php

function roomsNeeded(array $meetings): int
{
    $starts = array_column($meetings, 0);
    $ends = array_column($meetings, 1);
    sort($starts);
    sort($ends);
    $rooms = $free = 0;
    foreach ($starts as $start) {
        $ends[$free] <= $start ? $free++ : $rooms++;
    }
    return $rooms;
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
