using CdfProvisioning.Files;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Files;

[Collection(nameof(Alone))]
public class SpilledTableMemoryTests
{
    [Fact]
    public void Many_names_take_no_memory_to_speak_of()
    {
        using var table = new SpilledTable();
        using var records = new SpilledRecords<string>();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 200_000; i++)
        {
            var key = NameKey.Of($"sensor-{i}");
            table.Set(key, (UInt128)i);
            records.Set(key, "what is to be known of it");
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 6_000_000); // dictionaries would take 20 million
        GC.KeepAlive(table);
    }
}
