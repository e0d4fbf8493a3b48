using System.Collections.Concurrent;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Tests.Tasks;

public sealed class AwsListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("own-ca", true)]
    [InlineData("aws-keys", true)]
    [InlineData("csr", false)]
    public async Task Every_device_of_a_list_is_registered_with_its_own_certificate(string template, bool haveKeys)
    {
        await using var workshop = await AwsWorkshop.OpenAsync(_folder.Path);

        var task = await workshop.RunAsync(template, Names(200));

        await workshop.AssertDevicesAsync(task, 200, haveKeys);
    }

    [Theory]
    [InlineData("own-ca")]
    [InlineData("aws-keys")]
    public async Task The_one_file_has_the_key_of_every_device_once_also_of_a_list_that_was_interrupted(string template)
    {
        await using var workshop = await AwsWorkshop.OpenAsync(_folder.Path);
        var calls = 0;
        workshop.Registry.LosesCall = _ => Interlocked.Increment(ref calls) > 150 ? new(CdfErrorCode.AccessDenied, "The AWS credentials have expired.") : null;
        workshop.Registry.LosesAnswer = FirstRegistrationOfEveryThirdDevice();

        var interrupted = await workshop.WaitAsync(await workshop.StartWithKeyFileAsync(template, Names(120)));
        workshop.Registry.LosesCall = _ => null;
        var task = await workshop.WaitAsync(await workshop.Lists.ResumeAsync(interrupted.TaskId, Cancellation));

        Assert.Equal(BulkRegistrationStatus.Interrupted, interrupted.Status);
        Assert.Equal((BulkRegistrationStatus.Completed, 120L), (task.Status, task.SuccessCount));
        Assert.Equal(120, await workshop.CountAsync("certificate"));
        Assert.Equal(
            (await workshop.ResultsAsync(task)).Select(r => (r.Row, r.ThingName, r.CertificateId)),
            workshop.KeyLines().Select(line => (line.Row, line.Thing, (string?)line.CertificateId)));
        Assert.Empty(Directory.EnumerateDirectories(_folder.Path, ".keys*"));
    }

    [Theory]
    [InlineData("own-ca", true)]
    [InlineData("aws-keys", true)]
    [InlineData("csr", false)]
    public async Task A_device_whose_registration_had_no_answer_is_not_registered_twice(string template, bool haveKeys)
    {
        await using var workshop = await AwsWorkshop.OpenAsync(_folder.Path);
        workshop.Registry.LosesAnswer = FirstRegistrationOfEveryThirdDevice();

        var task = await workshop.RunAsync(template, Names(60));

        await workshop.AssertDevicesAsync(task, 60, haveKeys);
    }

    [Theory]
    [InlineData("own-ca")]
    [InlineData("aws-keys")]
    public async Task A_call_that_was_not_heard_is_made_again(string template)
    {
        await using var workshop = await AwsWorkshop.OpenAsync(_folder.Path);
        workshop.Registry.LosesCall = FirstRegistrationOfEveryThirdDevice();

        var task = await workshop.RunAsync(template, Names(60));

        await workshop.AssertDevicesAsync(task, 60);
    }

    [Theory]
    [InlineData("own-ca", true)]
    [InlineData("aws-keys", true)]
    [InlineData("csr", false)]
    public async Task A_list_whose_credentials_expire_is_interrupted_and_goes_on_with_new_ones(string template, bool haveKeys)
    {
        await using var workshop = await AwsWorkshop.OpenAsync(_folder.Path);
        var calls = 0;
        workshop.Registry.LosesCall = _ => Interlocked.Increment(ref calls) > 150 ? new(CdfErrorCode.AccessDenied, "The AWS credentials have expired. Log in again.") : null;

        var interrupted = await workshop.RunAsync(template, Names(200));
        workshop.Registry.LosesCall = _ => null;
        var task = await workshop.WaitAsync(await workshop.Lists.ResumeAsync(interrupted.TaskId, Cancellation));

        Assert.Equal(BulkRegistrationStatus.Interrupted, interrupted.Status);
        Assert.Contains("have expired", interrupted.Message, StringComparison.Ordinal);
        Assert.Contains("Resume-CdfBulkRegistration", interrupted.Message, StringComparison.Ordinal);
        await workshop.AssertDevicesAsync(task, 200, haveKeys);
    }

    [Fact]
    public async Task A_row_that_AWS_refuses_does_not_stop_the_others_and_leaves_nothing()
    {
        await using var workshop = await AwsWorkshop.OpenAsync(_folder.Path);
        workshop.Registry.LosesCall = request => request is RegisterThingRequest { Parameters: { } parameters } && parameters["ThingName"] == "device-7"
            ? IotErrorType.ResourceRegistrationFailure.Error("Thing type not found") : null;

        var task = await workshop.RunAsync("aws-keys", Names(20));

        Assert.Equal((BulkRegistrationStatus.Completed, 19L, 1L), (task.Status, task.SuccessCount, task.FailureCount));
        Assert.Equal(19, await workshop.CountAsync("certificate"));
        Assert.Equal("Thing type not found", (await workshop.ResultsAsync(task)).Single(r => !r.Succeeded).Error);
        Assert.Equal(19, Directory.EnumerateFiles(workshop.Keys).Count());
    }

    [Fact]
    public async Task A_row_that_repeats_a_thing_fails()
    {
        await using var workshop = await AwsWorkshop.OpenAsync(_folder.Path);

        var task = await workshop.RunAsync("own-ca", "a", "b", "a");

        Assert.Equal((2L, 1L), (task.SuccessCount, task.FailureCount));
        Assert.Equal("Row 3 repeats thing 'a' of row 1.", (await workshop.ResultsAsync(task))[2].Error);
    }

    [Fact]
    public async Task A_stopped_list_ends_with_what_is_registered()
    {
        await using var workshop = await AwsWorkshop.OpenAsync(_folder.Path);
        var seen = new TaskCompletionSource();
        workshop.Registry.LosesAnswer = request =>
        {
            if (request is RegisterThingRequest)
                seen.TrySetResult();
            return null;
        };

        var started = await workshop.StartAsync("own-ca", Names(5_000));
        await seen.Task;
        await workshop.Lists.StopAsync(started.TaskId, Cancellation);
        var task = await workshop.WaitAsync(started);

        Assert.Equal(BulkRegistrationStatus.Cancelled, task.Status);
        Assert.InRange(task.SuccessCount, 1, 4_999);
        Assert.Equal(task.SuccessCount, await workshop.CountAsync("thing"));
        Assert.Equal(task.SuccessCount, Directory.EnumerateFiles(workshop.Keys).Count());
    }

    [Fact]
    public async Task A_certificate_that_AWS_issued_without_an_answer_is_found_and_does_not_stay()
    {
        await using var workshop = await AwsWorkshop.OpenAsync(_folder.Path);
        var calls = 0;
        workshop.Registry.LosesAnswer = request => request is CreateCertificateFromCsrRequest && Interlocked.Increment(ref calls) % 3 == 1
            ? new(CdfErrorCode.Unavailable, "AWS IoT does not answer.") : null;

        var task = await workshop.RunAsync("aws-keys", Names(40));

        Assert.True(calls > 50);
        await workshop.AssertDevicesAsync(task, 40);
    }

    [Fact]
    public async Task A_certificate_issued_without_an_answer_in_an_interrupted_run_is_found_when_the_list_is_resumed()
    {
        await using var workshop = await AwsWorkshop.OpenAsync(_folder.Path);
        var isDown = false;
        CdfException? Down(bool begins) => (isDown |= begins) ? new(CdfErrorCode.Unavailable, "AWS IoT does not answer.") : null;
        var issued = 0;
        workshop.Registry.LosesAnswer = request => Down(request is CreateCertificateFromCsrRequest && Interlocked.Increment(ref issued) == 5);
        workshop.Registry.LosesCall = _ => Down(false);

        var interrupted = await workshop.RunAsync("aws-keys", Names(20));
        isDown = false;
        workshop.Registry.LosesAnswer = _ => null;
        workshop.Registry.LosesCall = _ => null;
        var task = await workshop.WaitAsync(await workshop.Lists.ResumeAsync(interrupted.TaskId, Cancellation));

        Assert.Equal(BulkRegistrationStatus.Interrupted, interrupted.Status);
        await workshop.AssertDevicesAsync(task, 20);
    }

    [Fact]
    public async Task A_certificate_issued_without_an_answer_for_a_row_that_was_begun_anew_is_found_when_the_list_is_resumed_again()
    {
        await using var workshop = await AwsWorkshop.OpenAsync(_folder.Path);
        var isDown = false;
        var issued = 0;
        CdfException? Down(bool begins) => (isDown |= begins) ? new(CdfErrorCode.Unavailable, "AWS IoT does not answer.") : null;

        workshop.Registry.LosesCall = request => Down(request is CreateCertificateFromCsrRequest);
        var task = await workshop.RunAsync("aws-keys", Names(20));
        isDown = false;
        workshop.Registry.LosesAnswer = request => Down(request is CreateCertificateFromCsrRequest && Interlocked.Increment(ref issued) == 5);
        workshop.Registry.LosesCall = _ => Down(false);
        var again = await workshop.WaitAsync(await workshop.Lists.ResumeAsync(task.TaskId, Cancellation));
        isDown = false;
        workshop.Registry.LosesAnswer = workshop.Registry.LosesCall = _ => null;
        var last = await workshop.WaitAsync(await workshop.Lists.ResumeAsync(task.TaskId, Cancellation));

        Assert.Equal((BulkRegistrationStatus.Interrupted, BulkRegistrationStatus.Interrupted), (task.Status, again.Status));
        await workshop.AssertDevicesAsync(last, 20);
    }

    [Theory]
    [InlineData("own-ca")]
    [InlineData("aws-keys")]
    public async Task An_interrupted_list_that_is_stopped_ends_the_rows_that_were_under_way_and_registers_no_more(string template)
    {
        await using var workshop = await AwsWorkshop.OpenAsync(_folder.Path);
        var interrupted = await InterruptAsync(workshop, template);

        var task = await workshop.Lists.StopAsync(interrupted.TaskId, Cancellation);

        Assert.Equal(BulkRegistrationStatus.Cancelled, task.Status);
        Assert.InRange(task.SuccessCount, interrupted.SuccessCount + 1, 1_999);
        Assert.Equal(task.SuccessCount, await workshop.CountAsync("thing"));
        Assert.Equal(task.SuccessCount, await workshop.CountAsync("certificate"));
        Assert.Equal(task.SuccessCount, Directory.EnumerateFiles(workshop.Keys).Count());
        Assert.Equal(task.SuccessCount, (await workshop.ResultsAsync(task)).Count(r => r.Succeeded));
    }

    [Fact]
    public async Task A_list_cannot_be_stopped_while_AWS_does_not_tell_what_became_of_its_rows()
    {
        await using var workshop = await AwsWorkshop.OpenAsync(_folder.Path);
        var interrupted = await InterruptAsync(workshop, "aws-keys");
        workshop.Registry.LosesCall = _ => new(CdfErrorCode.Unavailable, "AWS IoT does not answer.");

        var error = await Assert.ThrowsAsync<CdfException>(async () => await workshop.Lists.StopAsync(interrupted.TaskId, Cancellation));
        workshop.Registry.LosesCall = _ => null;
        var task = await workshop.Lists.StopAsync(interrupted.TaskId, Cancellation);

        Assert.Contains("AWS IoT does not answer.", error.Message, StringComparison.Ordinal);
        Assert.Equal(BulkRegistrationStatus.Cancelled, task.Status);
        Assert.Equal(task.SuccessCount, await workshop.CountAsync("certificate"));
    }

    [Fact]
    public async Task Lists_of_this_computer_are_listed_also_while_AWS_does_not_list_its_own()
    {
        await using var workshop = await AwsWorkshop.OpenAsync(_folder.Path);
        var task = await workshop.RunAsync("own-ca", "a");
        workshop.Registry.LosesCall = request => request is ListThingRegistrationTasksRequest ? new(CdfErrorCode.AccessDenied, "Allow the action iot:ListThingRegistrationTasks.") : null;

        await using var listed = workshop.Lists.ListAsync(Cancellation).GetAsyncEnumerator(Cancellation);

        Assert.True(await listed.MoveNextAsync());
        Assert.Equal(task.TaskId, listed.Current.TaskId);
        await Assert.ThrowsAsync<CdfException>(async () => await listed.MoveNextAsync());
    }

    /// <summary>A list of 2,000 whose line is cut when it has registered some, in the middle of others.</summary>
    private static async Task<BulkRegistrationTask> InterruptAsync(AwsWorkshop workshop, string template)
    {
        var calls = 0;
        workshop.Registry.LosesCall = _ => Volatile.Read(ref calls) > 200 ? new(CdfErrorCode.AccessDenied, "The AWS credentials have expired.") : null;
        workshop.Registry.LosesAnswer = _ => Interlocked.Increment(ref calls) > 200 ? new(CdfErrorCode.AccessDenied, "The AWS credentials have expired.") : null;
        var interrupted = await workshop.RunAsync(template, Names(2_000));
        workshop.Registry.LosesCall = _ => null;
        workshop.Registry.LosesAnswer = _ => null;
        Assert.Equal(BulkRegistrationStatus.Interrupted, interrupted.Status);
        return interrupted;
    }

    private static Func<object, CdfException?> FirstRegistrationOfEveryThirdDevice()
    {
        var lost = new ConcurrentDictionary<string, bool>(Names(60).Where((_, i) => i % 3 == 0).ToDictionary(name => name, _ => true));
        return request => request is RegisterThingRequest { Parameters: { } parameters } && lost.TryRemove(parameters["ThingName"], out _)
            ? new(CdfErrorCode.Unavailable, "AWS IoT does not answer.") : null;
    }

    private static IEnumerable<string> Names(int count) => Enumerable.Range(1, count).Select(i => $"device-{i}");
}
