<?php

// Splits a bill of some cents among people.
function split(int $bill, int $people): array
{
    $shares = [];
    for ($i = 0; $i < $people; $i++) {
        $shares[] = intdiv($bill, $people) + ($i < $bill % $people ? 1 : 0);
    }
    return $shares;
}

function answer(string $line): string
{
    [$bill, $people] = array_map('intval', explode(' ', $line));
    return implode(' ', split($bill, $people)) ?: '-';
}

// Each line of input is one case. Press Run and type one, or run the tests.
while (($line = fgets(STDIN)) !== false) {
    echo answer(trim($line)), "\n";
}
