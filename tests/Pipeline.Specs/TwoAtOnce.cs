// Most of these tests wait for processes, brokers and clocks: two fixtures at once take little more than half as long. Those that look at the whole process (its environment, what it
// allocates, its processor time) say that they are not parallelizable.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]
