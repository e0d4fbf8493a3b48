using CdfProvisioning.Files;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Files;

public class SpilledTableTests
{
    private const int Many = 200_000;

    [Fact]
    public void A_value_of_each_name_is_found_again_however_many_there_are()
    {
        using var table = new SpilledTable();
        for (var i = 0; i < Many; i++)
        {
            Assert.Null(table.Find(KeyOf(i)));
            table.Set(KeyOf(i), (UInt128)i);
        }

        Assert.Equal(Many, table.Count);
        for (var i = 0; i < Many; i++)
            Assert.Equal((UInt128)i, table.Find(KeyOf(i)));
        Assert.False(table.Contains(KeyOf(Many)));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(50_000)]
    public void A_later_value_replaces_an_earlier_one_and_what_is_removed_is_gone(int count)
    {
        using var table = new SpilledTable();
        for (var i = 0; i < count; i++)
            table.Set(KeyOf(i), 1);
        for (var i = 0; i < count; i++)
            table.Set(KeyOf(i), 2);
        for (var i = 0; i < count; i += 2)
            Assert.True(table.Remove(KeyOf(i)));

        Assert.False(table.Remove(KeyOf(0)));
        Assert.Equal(count / 2, table.Count);
        Assert.False(table.Contains(KeyOf(0)));
        Assert.Equal((UInt128)2, table.Find(KeyOf(1)));
        table.Set(KeyOf(0), 3);
        Assert.Equal((UInt128)3, table.Find(KeyOf(0)));
        Assert.Equal((count / 2) + 1, table.Count);
    }

    [Fact]
    public void Keys_of_which_all_or_most_bits_are_alike_are_told_apart_too()
    {
        using var table = new SpilledTable();
        for (UInt128 i = 0; i < 40_000; i++)
            table.Set(i, i + 7);

        Assert.Equal(40_000, table.Count);
        Assert.Equal((UInt128)7, table.Find(0));
        Assert.Equal((UInt128)8, table.Find(1));
        Assert.Equal((UInt128)40_006, table.Find(39_999));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(20_000)]
    public void Values_of_any_length_are_found_again_and_told_in_the_order_in_which_they_were_set(int count)
    {
        using var records = new SpilledRecords<string>();
        for (var i = 0; i < count; i++)
            records.Set(KeyOf(i), Text(i));
        records.Set(KeyOf(0), "another");
        Assert.Equal(Text(1), records.Remove(KeyOf(1)));

        Assert.Null(records.Remove(KeyOf(1)));
        Assert.Null(records.Find(KeyOf(count)));
        Assert.Equal("another", records.Find(KeyOf(0)));
        Assert.Equal(Text(count - 1), records.Find(KeyOf(count - 1)));
        Assert.Equal([.. Enumerable.Range(2, count - 2).Select(Text), "another"], records.Values());

        static string Text(int i) => new((char)('a' + (i % 26)), i % 100);
    }

    private static UInt128 KeyOf(int i) => NameKey.Of($"sensor-{i}");
}
